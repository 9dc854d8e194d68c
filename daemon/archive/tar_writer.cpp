#include "archive/tar_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <utility>

namespace dyno::archive {

namespace fs = std::filesystem;

TarWriter::TarWriter(Sink sink)
    : sink_(std::move(sink)),
      archive_(archive_write_new(), &archive_write_free),
      entry_(archive_entry_new(), &archive_entry_free) {
  archive_write_set_format_pax_restricted(archive_.get());
  // Names are bytes: no locale has a say in them.
  archive_write_set_options(archive_.get(), "pax:hdrcharset=BINARY");
  archive_write_set_bytes_in_last_block(archive_.get(), 1);
  archive_write_open(archive_.get(), this, nullptr, &TarWriter::pass_on, nullptr);
}

Status TarWriter::begin(const Entry& entry, const std::string& link) {
  archive_entry_clear(entry_.get());
  archive_entry_set_pathname(entry_.get(), entry.name.c_str());
  archive_entry_set_mtime(entry_.get(), 0, 0);
  archive_entry_set_uid(entry_.get(), 0);
  archive_entry_set_gid(entry_.get(), 0);
  const bool is_link = entry.type == fs::file_type::symlink;
  const bool is_folder = entry.type == fs::file_type::directory;
  archive_entry_set_filetype(entry_.get(),
                             static_cast<unsigned>(is_link ? AE_IFLNK : (is_folder ? AE_IFDIR : AE_IFREG)));
  archive_entry_set_perm(entry_.get(), is_folder || entry.executable ? 0755 : 0644);
  if (is_link) archive_entry_set_symlink(entry_.get(), link.c_str());
  archive_entry_set_size(entry_.get(), static_cast<la_int64_t>(entry.size));
  return archive_write_header(archive_.get(), entry_.get()) == ARCHIVE_OK ? Status() : failed(entry.name);
}

Status TarWriter::add(const Entry& entry, std::string_view content) {
  const auto size = static_cast<la_ssize_t>(content.size());
  return archive_write_data(archive_.get(), content.data(), content.size()) == size ? Status() : failed(entry.name);
}

Status TarWriter::finish() {
  return archive_write_close(archive_.get()) == ARCHIVE_OK ? Status() : failed("the end of the archive");
}

la_ssize_t TarWriter::pass_on(::archive*, void* user, const void* data, std::size_t size) {
  TarWriter& writer = *static_cast<TarWriter*>(user);
  writer.passed_ = writer.sink_({static_cast<const char*>(data), size});
  return writer.passed_ ? static_cast<la_ssize_t>(size) : -1;
}

Status TarWriter::failed(const std::string& name) {
  if (!passed_) return fail(passed_.error());
  const char* const why = archive_error_string(archive_.get());
  return fail(ErrorCode::io, fmt::format("writing {} to the archive: {}", name, why == nullptr ? "unknown" : why));
}

}  // namespace dyno::archive
