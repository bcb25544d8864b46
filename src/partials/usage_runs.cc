#include "partials/usage_runs.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "partials/merge_stream.h"
#include "partials/usage_file_writer.h"

namespace billing {
namespace {

/// The read buffer of each file in a merge: a few blocks of rows.
constexpr std::size_t kReadBytes = 256 * 1024;

/// Few enough for usual limits on open files, also where files of several levels are there.
constexpr std::size_t kMaxMerged = 128;

/// What a merge of this file and others takes for it.
std::uint64_t merge_bytes_of(const UsageRun& run) {
  return kReadBytes +
         std::uint64_t{run.bounds.tasks} * sizeof(TaskPlaces::element_type::value_type);
}

std::uint64_t merge_bytes_of(const std::vector<UsageRun>& runs) {
  std::uint64_t bytes = 0;
  for (const UsageRun& run : runs) bytes += merge_bytes_of(run);
  return bytes;
}

/// A reader that stands at the file's first block of tasks.
std::unique_ptr<BlockReader> open_tasks(const UsageRun& run) {
  auto blocks = std::make_unique<BlockReader>(run.bytes, run.begin_bytes, kReadBytes);
  if (run.bounds.foreign) blocks->next();
  return blocks;
}

/// Goes on to the first block of rows. The blocks before were checked when the file was opened;
/// here it is noticed if they have changed since.
void pass_to_rows(BlockReader& blocks, const UsageRun& run) {
  while (blocks.offset_bytes() < run.rows_begin_bytes) {
    blocks.next_kind();  // passes over what may be skipped, to the rows perhaps
    if (blocks.offset_bytes() < run.rows_begin_bytes) blocks.next();
  }
  if (blocks.checksums().value() != run.before_rows.value())
    blocks.fail(run.begin_bytes, "the file has changed since it was opened");
}

/// A reader that stands at the file's first block of rows.
std::unique_ptr<BlockReader> open_rows(const UsageRun& run) {
  if (!run.bounds.foreign) {
    return std::make_unique<BlockReader>(run.bytes, run.rows_begin_bytes, kReadBytes,
                                         run.before_rows);
  }
  auto blocks = open_tasks(run);
  pass_to_rows(*blocks, run);
  return blocks;
}

/// Hands on the names of the tasks of all files in order; returns where those of each file stand.
std::vector<TaskPlaces> merge_tasks_of(const std::vector<UsageRun>& runs,
                                       const std::function<void(std::string_view)>& take) {
  std::vector<std::unique_ptr<BlockReader>> blocks;
  blocks.reserve(runs.size());
  for (const UsageRun& run : runs) blocks.push_back(open_tasks(run));
  std::vector<TaskPlaces> places = merge_tasks(blocks, take);
  for (std::size_t i = 0; i < runs.size(); ++i) pass_to_rows(*blocks[i], runs[i]);
  return places;
}

std::unique_ptr<UsageStream> open_merge(const std::vector<UsageRun>& runs,
                                        const std::vector<TaskPlaces>& tasks, RowKind kind) {
  std::vector<MergeInput> inputs;
  inputs.reserve(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    inputs.push_back({std::make_unique<UsageFileReader>(read_rows(runs[i])), tasks[i]});
  }
  return std::make_unique<MergeStream>(std::move(inputs), kind);
}

/// What a name takes among others, which stand in memory twice for a moment when their list grows;
/// the bill's prices and calls by task come when it has grown.
std::uint64_t memory_bytes_of(std::string_view name) {
  return 2 * (name.size() + TaskNames::kBytesBesideName);
}

}  // namespace

UsageFileReader read_rows(const UsageRun& run) { return {open_rows(run), run.bounds}; }

void UsageRuns::spill(const OrderedUsage& usage) {
  const auto write_tasks = [&usage](UsageFileWriter& file) {
    for (std::size_t i = 0; i < usage.tasks().size(); ++i) file.write_task(usage.tasks()[i]);
  };
  add(write_run(write_tasks, [&usage](UsageFileWriter& file) { file.write_rows(usage); }), 0);
}

void UsageRuns::set_beside_files(const OrderedUsage& usage) {
  std::uint64_t* const spilled_bytes = std::exchange(options_.spilled_bytes, nullptr);
  spill(usage);
  options_.spilled_bytes = spilled_bytes;
}

void UsageRuns::add(UsageRun run, std::size_t level) {
  if (levels_.size() <= level) levels_.resize(level + 1);
  levels_[level].push_back(std::move(run));
}

void UsageRuns::bring_together() {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    while (!may_be_merged(levels_[level].size() + 1, merge_bytes_of(levels_[level]) + kReadBytes))
      add(merge(take_mergeable(levels_[level])), level + 1);
  }
}

UsageSource UsageRuns::merged() {
  Runs runs;
  bring_together();
  for (Runs& level : levels_) {
    // The small ones first, so that little is written once more.
    const std::uint64_t bytes = merge_bytes_of(runs) + merge_bytes_of(level);
    if (runs.size() > 1 && !may_be_merged(runs.size() + level.size(), bytes)) runs = {merge(runs)};
    std::move(level.begin(), level.end(), std::back_inserter(runs));
    while (!may_be_merged(runs.size(), merge_bytes_of(runs)))
      runs.push_back(merge(take_mergeable(runs)));
  }
  levels_.assign(1, runs);
  UsageSource source;
  TaskNames::Builder tasks;
  std::uint64_t task_bytes = 0;
  const std::vector<TaskPlaces> places = merge_tasks_of(runs, [&](std::string_view task) {
    options_.check_task_bytes(task_bytes += memory_bytes_of(task));
    tasks.add(task);
  });
  source.tasks = tasks.finish();
  source.open = [runs, places, kind = kind_] { return open_merge(runs, places, kind); };
  return source;
}

/// Whether so many files can be read at once: each has a block in its reader's buffer, and the
/// places of its tasks in memory. Two always can, or merging would never reduce their number.
bool UsageRuns::may_be_merged(std::size_t count, std::uint64_t bytes) const {
  return count <= 2 || (count <= kMaxMerged && bytes <= options_.merge_bytes);
}

/// Takes runs from the front, two or more.
UsageRuns::Runs UsageRuns::take_mergeable(Runs& runs) const {
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  while (count < runs.size()) {
    bytes += merge_bytes_of(runs[count]);
    if (!may_be_merged(count + 1, bytes)) break;
    ++count;
  }
  const auto end = runs.begin() + static_cast<std::ptrdiff_t>(count);
  Runs taken(std::make_move_iterator(runs.begin()), std::make_move_iterator(end));
  runs.erase(runs.begin(), end);
  return taken;
}

UsageRun UsageRuns::merge(const Runs& runs) const {
  std::vector<TaskPlaces> places;
  const auto write_tasks = [&](UsageFileWriter& file) {
    // All runs together have no fewer tasks: what is too much is found out here, not at the end.
    std::uint64_t task_bytes = 0;
    places = merge_tasks_of(runs, [&](std::string_view task) {
      options_.check_task_bytes(task_bytes += memory_bytes_of(task));
      file.write_task(task);
    });
  };
  return write_run(write_tasks, [&](UsageFileWriter& file) {
    file.write_rows(*open_merge(runs, places, kind_));
  });
}

template <class WriteTasks, class WriteRows>
UsageRun UsageRuns::write_run(const WriteTasks& write_tasks, const WriteRows& write_rows) const {
  UsageRun run{nullptr, 0, 0, {}, {kind_, 0, std::nullopt}};
  run.bytes = write_spill_file(options_, [&](const ByteSink& sink) {
    std::uint64_t written_bytes = 0;
    UsageFileWriter writer(
        [&](std::string_view bytes) {
          written_bytes += bytes.size();
          sink(bytes);
        },
        options_.checkpoint, kind_);
    write_tasks(writer);
    writer.end_head();
    run.bounds.tasks = writer.tasks();
    run.rows_begin_bytes = written_bytes;
    run.before_rows = writer.checksums();
    write_rows(writer);
    writer.finish();
  });
  return run;
}

}  // namespace billing
