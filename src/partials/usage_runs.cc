#include "partials/usage_runs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/background_writer.h"
#include "partials/merge_stream.h"
#include "partials/usage_file_writer.h"

namespace billing {
namespace {

/// Of one file that is merged: a few blocks of rows.
constexpr std::size_t kReadBytes = 256 * 1024;

/// Few enough for any limit on open files.
constexpr std::size_t kMaxMerged = 256;

[[noreturn]] void fail(const std::string& folder, int system_error, std::uint64_t written_bytes) {
  std::string message = "cannot keep temporary files in " + quoted_text(folder) + ": " +
                        std::system_category().message(system_error);
  if (written_bytes > 0)
    message += fmt::format("; more than {} MB are needed there", written_bytes / 1'000'000);
  throw Error(ErrorKind::run,
              message + "; name another folder with --temp-dir, or raise --memory-limit");
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

std::vector<std::string> all_tasks(const std::vector<UsageRun>& runs) {
  std::vector<std::string> tasks;
  for (const UsageRun& run : runs) tasks.insert(tasks.end(), run.tasks.begin(), run.tasks.end());
  std::sort(tasks.begin(), tasks.end());
  tasks.erase(std::unique(tasks.begin(), tasks.end()), tasks.end());
  return tasks;
}

std::vector<std::uint32_t> places_of(const std::vector<std::string>& some,
                                     const std::vector<std::string>& all) {
  std::vector<std::uint32_t> places;
  for (const std::string& task : some) {
    const auto place = std::lower_bound(all.begin(), all.end(), task);
    places.push_back(static_cast<std::uint32_t>(place - all.begin()));
  }
  return places;
}

std::unique_ptr<UsageStream> open_merge(const std::vector<UsageRun>& runs,
                                        const std::vector<std::string>& tasks, bool events) {
  std::vector<MergeInput> inputs;
  for (const UsageRun& run : runs) {
    auto blocks =
        std::make_unique<BlockReader>(run.fd->get(), run.name, run.begin_bytes, kReadBytes);
    if (run.header_checksum) {
      blocks->next();
      if (blocks->checksums().front() != *run.header_checksum)
        blocks->fail(run.begin_bytes, "the file has changed since it was opened");
    }
    inputs.push_back({std::make_unique<UsageFileReader>(std::move(blocks), run.bounds),
                      places_of(run.tasks, tasks)});
  }
  return std::make_unique<MergeStream>(std::move(inputs), events);
}

}  // namespace

void UsageRuns::spill(const OrderedUsage& usage) {
  add(write_run([&](UsageFileWriter& writer) { writer.write_rows(usage); }, usage.tasks()));
}

void UsageRuns::add(UsageRun run, std::size_t level) {
  if (levels_.size() == level) levels_.emplace_back();
  levels_[level].push_back(std::move(run));
  if (levels_[level].size() < max_merged()) return;
  add(merge(std::exchange(levels_[level], {})), level + 1);
}

UsageSource UsageRuns::merged() {
  std::vector<UsageRun> runs;
  for (std::vector<UsageRun>& level : levels_) {
    std::move(level.begin(), level.end(), std::back_inserter(runs));
    if (runs.size() > max_merged()) runs = {merge(runs)};
  }
  levels_.assign(1, runs);
  std::vector<std::string> tasks = all_tasks(runs);
  return {tasks, [runs, tasks, events = events_] { return open_merge(runs, tasks, events); }};
}

/// As many files as are read at once: a block that is read lies in its reader's buffer.
std::size_t UsageRuns::max_merged() const {
  return std::clamp<std::size_t>(options_.merge_bytes / kReadBytes, 2, kMaxMerged);
}

UsageRun UsageRuns::merge(const std::vector<UsageRun>& runs) {
  std::vector<std::string> tasks = all_tasks(runs);
  const std::unique_ptr<UsageStream> stream = open_merge(runs, tasks, events_);
  return write_run([&](UsageFileWriter& writer) { writer.write_rows(*stream); }, std::move(tasks));
}

template <class Rows>
UsageRun UsageRuns::write_run(const Rows& write_rows, std::vector<std::string> tasks) {
  auto fd = std::make_shared<const UniqueFd>(open_temporary(options_.folder));
  if (!fd->is_open()) fail(options_.folder, errno, 0);
  try {
    BackgroundWriter file(fd->get());
    UsageFileWriter writer(
        [&](std::string_view bytes) {
          spilled_bytes_ += bytes.size();
          file.append(bytes);
        },
        options_.checkpoint, events_);
    write_rows(writer);
    writer.finish();
    file.finish();
  } catch (const std::system_error& error) {
    fail(options_.folder, error.code().value(), spilled_bytes_);
  }
  const auto task_count = static_cast<std::uint32_t>(tasks.size());
  return {std::move(fd),    "a temporary file in " + options_.folder, 0, std::nullopt,
          std::move(tasks), {events_, task_count, std::nullopt}};
}

}  // namespace billing
