#include "partials/spill_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/background_writer.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

[[noreturn]] void fail(const std::string& folder, int system_error, std::uint64_t written_bytes) {
  std::string message = "cannot keep temporary files in " + quoted_text(folder) + ": " +
                        std::system_category().message(system_error);
  if (written_bytes > 0)
    message += fmt::format("; more than {} MB are needed there", written_bytes / 1'000'000);
  throw Error(ErrorKind::run,
              message + "; name another folder with \1temp-dir, or raise \1memory-limit");
}

/// A file without a name: nothing is left behind, whatever happens.
UniqueFd open_temporary(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.is_open() || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string path = folder + "/billing-XXXXXX";  // a file system that knows none such
  fd = UniqueFd(::mkostemp(path.data(), O_CLOEXEC));
  if (fd.is_open()) ::unlink(path.c_str());
  return fd;
}

}  // namespace

std::shared_ptr<const FileBytes> write_spill_file(
    const SpillOptions& options, const std::function<void(const ByteSink&)>& write) {
  UniqueFd fd = open_temporary(options.folder);
  if (!fd.is_open()) fail(options.folder, errno, 0);
  const auto temporary =
      std::make_shared<const FileBytes>("a temporary file in " + options.folder, std::move(fd));
  std::uint64_t written_bytes = 0;
  try {
    BackgroundWriter file(temporary->fd());
    write([&](std::string_view bytes) {
      written_bytes += bytes.size();
      file.append(bytes);
    });
    file.finish();
  } catch (const std::system_error& error) {
    fail(options.folder, error.code().value(), written_bytes);
  }
  if (options.spilled_bytes != nullptr) *options.spilled_bytes += written_bytes;
  return temporary;
}

}  // namespace billing
