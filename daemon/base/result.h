// Result<T>: a value or an Error. Functions that can fail at run time return one; nothing is thrown across a file.
#pragma once

#include <tl/expected.hpp>

#include "base/error.h"

namespace dyno {

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

inline tl::unexpected<Error> fail(Error error, std::string_view context) {
  return tl::unexpected<Error>(with_context(std::move(error), context));
}

}  // namespace dyno
