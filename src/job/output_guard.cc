#include "job/output_guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>

#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/mediate.h"
#include "io/first_bytes.h"
#include "io/output_file.h"
#include "io/unique_fd.h"
#include "render/reject_writer.h"
#include "state/undelivered_rejects.h"

namespace billing {
namespace {

constexpr const char* kStandardStream = "-";
/// More than the longest record has: two names, and numbers.
constexpr std::size_t kLookBytes = 4096;

/// What an output is, if it exists and is a regular file.
std::optional<FileIdentity> identity_of_output(const std::string& path) {
  return path == kStandardStream ? identity_of(STDOUT_FILENO) : identity_of(path);
}

/// A path for standard output too, whatever it leads to.
std::string path_of_output(const std::string& path) {
  return path == kStandardStream ? "/dev/stdout" : path;
}

/// Whether two outputs lead to the same file, pipe or terminal.
bool same_output(const std::string& a, const std::string& b) {
  if (a == kStandardStream || b == kStandardStream) {
    return a == b || same_stream(path_of_output(a), path_of_output(b));
  }
  return same_target(a, b) || same_stream(a, b);
}

const char* name_of(OutputContent content) {
  switch (content) {
    case OutputContent::bill:
      return "a bill";
    case OutputContent::rejects:
      return "a rejects file";
    case OutputContent::partial:
      return "a partial";
    case OutputContent::log:
      return "a log";
    case OutputContent::state:
      return "a file of a state";
  }
  __builtin_unreachable();
}

bool begins_with_record(std::string_view bytes) {
  const std::string_view line = bytes.substr(0, bytes.find('\n'));
  const RecordBytes first{line, line.size(), /*at_input_start=*/true};
  const auto batch = std::make_unique<EventBatch>();
  return mediate(
             first, {}, *batch, [](EventBatch&) {}, [](const Reject&) {})
             .events > 0;
}

/// What a file that begins so holds; nothing where that cannot be told.
std::optional<OutputContent> content_of(std::string_view bytes) {
  if (bytes.starts_with(kRejectHeader)) return OutputContent::rejects;
  if (bytes.starts_with(kPartialMagic)) return OutputContent::partial;
  if (bytes.starts_with(kUndeliveredRejectsMagic)) return OutputContent::state;
  if (begins_with_record(bytes)) return OutputContent::log;
  return std::nullopt;
}

bool may_replace(OutputContent wanted, const std::optional<OutputContent>& found) {
  switch (wanted) {
    case OutputContent::bill:
      return !found || found == OutputContent::rejects;
    case OutputContent::rejects:
    case OutputContent::partial:
      return found == wanted;
    case OutputContent::log:
      return !found || found == OutputContent::log;
    case OutputContent::state:
      return false;  // nobody wants to write one
  }
  __builtin_unreachable();
}

/// The first bytes of a regular file; nothing, with the reason in errno, where it cannot be read.
std::optional<std::string> beginning_of(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.is_open()) return std::nullopt;
  std::string bytes(kLookBytes, '\0');
  const ssize_t size = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size));
  return bytes;
}

/// Why the file that stands at the target must stay; empty where it may be replaced. What is
/// written where it stands, such as standard output, replaces nothing.
std::string reason_to_keep(const OutputTarget& output) {
  struct stat old {};
  if (named_descriptor(output.path) || ::stat(output.path.c_str(), &old) != 0 ||
      !S_ISREG(old.st_mode) || old.st_size == 0)
    return "";
  const std::optional<std::string> bytes = beginning_of(output.path);
  const char* const wanted = name_of(output.content);
  if (!bytes) {
    if (may_replace(output.content, std::nullopt)) return "";
    return fmt::format("exists but cannot be read, so it may not be {}", wanted);
  }
  const std::optional<OutputContent> found = content_of(*bytes);
  if (may_replace(output.content, found)) return "";
  if (found) return fmt::format("looks like {}, not {}", name_of(*found), wanted);
  return fmt::format("exists and does not look like {}", wanted);
}

}  // namespace

UsedFile used_file(const std::string& path, const std::string& what) {
  return {what, [path](const std::string& output) {
            if (output != kStandardStream) return same_target(output, path);
            const auto identity = identity_of(path);
            return identity && identity == identity_of(STDOUT_FILENO);
          }};
}

UsedFile used_file(const std::optional<FileIdentity>& identity, const std::string& what) {
  return {what, [identity](const std::string& output) {
            return identity && identity == identity_of_output(output);
          }};
}

std::vector<OutputTarget> results_of(const BillJob& job) {
  if (job.partial) return {{"\1partial", *job.partial, OutputContent::partial}};
  if (job.sink) return {};
  return {{"\1output", job.output, OutputContent::bill}};
}

std::vector<UsedFile> used_files_of(const BillJob& job) {
  std::vector<UsedFile> files;
  for (const std::string& path : job.settings_files)
    files.push_back(used_file(path, "a file of rates and settings"));
  return files;
}

void check_outputs(const std::vector<OutputTarget>& outputs,
                   const std::vector<UsedFile>& used_files) {
  std::string complaints;
  const auto complain = [&complaints](const OutputTarget& output, const std::string& what,
                                      const char* advice) {
    complaints += fmt::format("{}{}: {} {}; {}", complaints.empty() ? "" : "\n", output.option,
                              quoted_text(output.path), what, advice);
  };
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const OutputTarget& output = outputs[i];
    bool is_taken = false;
    const auto take = [&](const std::string& what) {
      complain(output, "is also " + what, "choose another file");
      is_taken = true;
    };
    const auto used =
        std::find_if(used_files.begin(), used_files.end(),
                     [&output](const UsedFile& file) { return file.is_target_of(output.path); });
    if (used != used_files.end()) take(used->what);
    for (std::size_t k = 0; k < i; ++k) {
      if (same_output(outputs[k].path, output.path))
        take(fmt::format("the file of {}", outputs[k].option));
    }
    const std::string reason = is_taken ? "" : reason_to_keep(output);
    if (!reason.empty()) complain(output, reason, "choose another file, or remove that one");
  }
  if (!complaints.empty()) throw Error(ErrorKind::configuration, complaints);
}

}  // namespace billing
