#include "record/deflate.h"

#include <zlib.h>

#include "base/check.h"

namespace dyno::record {
namespace {

// Words that most records have in common, so that a short text can refer to them. Part of the format: what was written with it cannot
// be read without it, so it must never be edited.
constexpr std::string_view kDictionary =
    R"("absent":{"bound":"none","gates":[],"validity":"valid","errors":{"bad_body":0,"bad_framing":0,"bad_status":0,"connect":0,)"
    R"("dropped":0,"reset":0,"timeout":0},"histograms":[{"kind":"response","v2":"/result/histograms/0/v2"},{"kind":"service",)"
    R"("v2":"/result/histograms/1/v2"},"v2":"/result/histograms/2/v2"}],"in_flight":"metrics":{"offered_per_s":null,"phase":")"
    R"("samples":"/result/samples","seconds":"/result/seconds","sent":"timer_mode":"none","transport":"epoll","verdict":)"
    R"("window_begin":"window_end":"good":"bytes_received":"gate":"text":"degraded"invalid"reason":"loader_cpu_ratio"per_request)"
    R"("memory_measured":{"moment":"idle","reading":{"cgroup_peak":"docker_equivalent":"private_bytes":"pss":null},"samples":null,)"
    R"({"startup_measured":{"marks":{"create_call":"exec":"first_deep":null,"first_good":"kind":"warm","listen":"sandbox":)"
    R"("start_call":{"trial_finished":{"failure":"none","last_output":"","reason":"","state":"succeeded","stop":"stop_forced":false,)"
    R"({"trial_started":{"case_name":"planned":{"attempt":1,"block":"case_index":"index":"kind":"load","start_kind":"warm"},"stack":")"
    R"({"service_reset":{"duration":"service":"postgres","trial_id":"{"run_state_changed":{"reason":"","state":"running"}})"
    R"({"phase_finished":{"result":{{"trial_stepped":{"phase":"","progress":{"block":"blocks":"case_name":"single","done_ratio":0.)"
    R"("eta_at":null,"phase":"json/c32","step":"loading"},"step":"warming_up","trial_id":"01)";

const Bytef* bytes_of(std::string_view text) { return reinterpret_cast<const Bytef*>(text.data()); }

}  // namespace

std::string deflate_text(std::string_view text) {
  z_stream stream{};
  CHECK(deflateInit(&stream, Z_BEST_COMPRESSION) == Z_OK, "zlib has memory for a stream");
  CHECK(deflateSetDictionary(&stream, bytes_of(kDictionary), static_cast<uInt>(kDictionary.size())) == Z_OK,
        "zlib takes a dictionary before the first byte");
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = const_cast<Bytef*>(bytes_of(text));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib compresses what fits into its own bound");
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> inflate_text(std::string_view bytes, std::size_t limit) {
  z_stream stream{};
  CHECK(inflateInit(&stream) == Z_OK, "zlib has memory for a stream");
  stream.next_in = const_cast<Bytef*>(bytes_of(bytes));
  stream.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  char block[16384];
  int rc = Z_OK;
  while (rc == Z_OK && out.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    rc = inflate(&stream, Z_NO_FLUSH);
    if (rc == Z_NEED_DICT)
      rc = inflateSetDictionary(&stream, bytes_of(kDictionary), static_cast<uInt>(kDictionary.size()));
    out.append(block, sizeof block - stream.avail_out);
  }
  const bool whole = rc == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (out.size() > limit) return fail(ErrorCode::protocol, "a stored text is larger than its limit");
  if (!whole) return fail(ErrorCode::protocol, "a stored text does not decompress");
  return out;
}

}  // namespace dyno::record
