#include "partials/spill_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/background_writer.h"
#include "io/temporary_file.h"
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

}  // namespace

std::shared_ptr<const FileBytes> write_spill_file(
    const SpillOptions& options, const std::function<void(const ByteSink&)>& write) {
  UniqueFd fd = open_nameless(options.folder);
  if (!fd.is_open()) fail(options.folder, errno, 0);
  auto temporary =
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
