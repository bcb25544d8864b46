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

/// Few enough for usual limits on open files, also where files of several levels are there.
constexpr std::size_t kMaxMerged = 128;

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

/// At a file's first block of rows. A header is read again, so that one that has changed since is
/// noticed, by a reader of its own: it may be large.
std::unique_ptr<BlockReader> open_rows(const UsageRun& run) {
  if (!run.header_checksum) {
    return std::make_unique<BlockReader>(run.fd->get(), run.name, run.begin_bytes, kReadBytes);
  }
  BlockReader header(run.fd->get(), run.name, run.begin_bytes, kReadBytes);
  header.next();
  if (header.checksum() != *run.header_checksum)
    header.fail(run.begin_bytes, "the file has changed since it was opened");
  auto rows =
      std::make_unique<BlockReader>(run.fd->get(), run.name, header.offset_bytes(), kReadBytes);
  rows->add_before(*run.header_checksum);
  return rows;
}

std::unique_ptr<UsageStream> open_merge(const std::vector<UsageRun>& runs,
                                        const std::vector<std::string>& tasks, bool events) {
  std::vector<MergeInput> inputs;
  inputs.reserve(runs.size());
  for (const UsageRun& run : runs) {
    inputs.push_back({std::make_unique<UsageFileReader>(open_rows(run), run.bounds),
                      places_of(run.tasks, tasks)});
  }
  return std::make_unique<MergeStream>(std::move(inputs), events);
}

}  // namespace

void UsageRuns::spill(const OrderedUsage& usage) {
  add(write_run([&](UsageFileWriter& writer) { writer.write_rows(usage); }, usage.tasks()), 0);
}

void UsageRuns::add(UsageRun run, std::size_t level) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].push_back(std::move(run));
}

void UsageRuns::bring_together() {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    while (levels_[level].size() >= max_merged()) {
      const auto end = levels_[level].end();
      const auto begin = end - static_cast<std::ptrdiff_t>(max_merged());
      const std::vector<UsageRun> some(begin, end);
      levels_[level].erase(begin, end);
      add(merge(some), level + 1);
    }
  }
}

UsageSource UsageRuns::merged() {
  std::vector<UsageRun> runs;
  bring_together();
  for (std::vector<UsageRun>& level : levels_) {
    if (runs.size() + level.size() > max_merged()) runs = {merge(runs)};
    std::move(level.begin(), level.end(), std::back_inserter(runs));
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
  std::uint64_t written_bytes = 0;
  try {
    BackgroundWriter file(fd->get());
    UsageFileWriter writer(
        [&](std::string_view bytes) {
          written_bytes += bytes.size();
          file.append(bytes);
        },
        options_.checkpoint, events_);
    write_rows(writer);
    writer.finish();
    file.finish();
  } catch (const std::system_error& error) {
    fail(options_.folder, error.code().value(), written_bytes);
  }
  if (options_.spilled_bytes != nullptr) *options_.spilled_bytes += written_bytes;
  const auto task_count = static_cast<std::uint32_t>(tasks.size());
  return {std::move(fd),    "a temporary file in " + options_.folder, 0, std::nullopt,
          std::move(tasks), {events_, task_count, std::nullopt}};
}

}  // namespace billing
