#include "partials/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/byte_codec.h"
#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/shell_word.h"
#include "billing/error.h"
#include "io/file_bytes.h"
#include "io/file_identity.h"
#include "io/first_bytes.h"
#include "io/unique_fd.h"
#include "partials/input_blocks.h"
#include "partials/task_blocks.h"

namespace billing {
namespace {

constexpr std::string_view kMagic = kPartialMagic;
constexpr std::uint32_t kVersion = 3;
constexpr std::size_t kFrontBytes = kMagic.size() + sizeof(kVersion);
constexpr std::size_t kReadBytes = 64 * 1024;

/// Tasks or inputs between two looks at whether the host wants to go on.
constexpr std::uint64_t kItemsAtOnce = 4096;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::run, quoted_text(path) + ": " + what);
}

std::shared_ptr<const FileBytes> open_file(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
    const int reason = errno;
    const std::string what = quoted_text(path) + ": " + describe_open_failure(reason, "partial");
    if (!is_out_of_descriptors(reason)) throw Error(ErrorKind::run, what);
    throw TooManyFiles(ErrorKind::run, what + ", or merge some of them first, with \1partial");
  }
  if (S_ISDIR(status.st_mode)) fail(path, "is a folder; name the partials in it");
  if (!S_ISREG(status.st_mode)) {
    fail(path, "is no regular file; partials are read several times, so they cannot be piped in");
  }
  return std::make_shared<const FileBytes>(path, std::move(fd));
}

void check_front(const ByteSource& bytes) {
  const std::string& name = bytes.name();
  std::string front(kFrontBytes, '\0');
  const std::size_t size = bytes.read_at(0, front);
  if (front.substr(0, kMagic.size()) != kMagic) {
    fail(name, "is no partial (at byte 0); \1partial FILE makes one from logs");
  }
  if (size < front.size())
    fail(name, fmt::format("the file is cut off (at byte {}); make it anew from its logs", size));
  const auto version =
      ByteReader(std::string_view(front).substr(kMagic.size())).fixed<std::uint32_t>();
  if (version == kVersion) return;
  const std::string found =
      fmt::format("is a partial of version {} (at byte {})", version, kMagic.size());
  const std::string known = fmt::format("this program knows version {}", kVersion);
  fail(name, version < kVersion
                 ? found + "; " + known + ": make it anew from its logs"
                 : found + "; " + known + ": use the program that made it, or a newer one");
}

/// What rows must hold, given what the inputs held.
RowBounds bounds_of(const PartialFile& partial, RowKind kind, std::uint32_t task_count,
                    CyclePolicyMaker& make_policy) {
  const std::shared_ptr<const CyclePolicy> cycles = make_policy(partial.options.cycles);
  const bool events = kind == RowKind::events;
  const UsageKey key = partial.options.key();
  const bool timed = key.cycle;
  if (events != (timed && cycles->calls_per_cycle() > 0))
    throw Error(ErrorKind::configuration, "they do not fit its rows");
  const InputTotals& totals = partial.totals;
  const KeyedTotals with_keys = partial.records ? partial.records->totals : KeyedTotals();
  ForeignRows foreign{key.user || events,
                      totals.earliest_ns,
                      totals.latest_ns,
                      nullptr,
                      totals.events - with_keys.events,
                      totals.accepted_quantity - with_keys.quantity,
                      partial.options.quantity.negative};
  if (!events) {
    const bool any = timed && totals.accepted > 0;
    const CycleRange range =
        any ? cycles->cycles_of(totals.earliest_ns, totals.latest_ns) : CycleRange{0, 0};
    const std::size_t parts = key.parts();
    foreign.parts = parts;
    foreign.earliest = period_of(range.first, 0, parts);
    foreign.latest = period_of(range.last, static_cast<std::uint32_t>(parts - 1), parts);
    if (timed) foreign.cycles = cycles;
  }
  return {kind, task_count, std::move(foreign)};
}

DecodedHeader read_header(BlockReader& blocks) {
  const BlockReader::Block block = blocks.next();
  std::optional<DecodedHeader> header;
  try {
    if (block.kind == BlockKind::header) header = decode_header(block.payload);
  } catch (const Error& error) {
    blocks.fail(kFrontBytes, error.message());
  }
  if (!header) blocks.fail(kFrontBytes, "its header is invalid");
  return *std::move(header);
}

std::uint32_t read_tasks(BlockReader& blocks, const PartialSink& sink,
                         const std::function<void()>& checkpoint) {
  TaskReader tasks(blocks, true);
  while (tasks.next()) {
    if (tasks.count() % kItemsAtOnce == 0) checkpoint();
    sink.task(tasks.name());
  }
  return tasks.count();
}

/// `accepted` takes what records of each input must add up to, where records are deduplicated.
void read_inputs(BlockReader& blocks, PartialFile& partial, const PartialSink& sink,
                 const std::function<void()>& checkpoint, std::vector<KeyedTotals>& accepted) {
  const bool has_keys = !partial.options.dedupe.by.empty();
  InputReader inputs(blocks, partial.state.has_value());
  std::uint64_t items = 0;
  while (inputs.next()) {
    const PartialInput& input = inputs.input();
    sink.input(input);
    ++partial.input_count;
    const InputTotals& totals = input.totals;
    if (has_keys ? input.piece.has_value() : totals.duplicates > 0)
      blocks.fail(kFrontBytes, "its options do not fit its inputs");
    if (has_keys && totals.accepted == 0) {
      accepted.emplace_back();  // its times mean nothing
    } else if (has_keys) {
      accepted.push_back({totals.accepted, totals.events, totals.accepted_quantity,
                          totals.earliest_ns, totals.latest_ns});
    }
    if (input.seen) {
      partial.last_lines += input.seen->last_line.empty() ? 0 : 1;
      partial.last_lines_bytes += input.seen->last_line.size();
    }
    for (EarlierContent content; inputs.next_earlier(content); ++items) {
      if (items % kItemsAtOnce == 0) checkpoint();
      sink.earlier(content);
    }
    if (items++ % kItemsAtOnce == 0) checkpoint();
  }
  partial.totals = inputs.totals();
}

void read_records(BlockReader& blocks, PartialFile& partial, std::vector<KeyedTotals> accepted,
                  const std::function<void()>& checkpoint) {
  const UsageOptions& options = partial.options;
  const KeptBounds bounds{std::move(accepted),
                          options.dedupe.keeps_largest ? largest_first : smallest_first,
                          options.quantity.negative};
  partial.records = read_kept(blocks, partial.rows.bytes, bounds, checkpoint);
  // Accepted records that are neither here nor in rows bill nothing.
  const std::vector<KeyedTotals>& found = partial.records->by_input;
  const auto bills_all = [](const KeyedTotals& some, const KeyedTotals& all) {
    return some.events == all.events && some.quantity == all.quantity;
  };
  if (blocks.next_kind() == BlockKind::end &&
      !std::equal(found.begin(), found.end(), bounds.inputs.begin(), bounds.inputs.end(),
                  bills_all))
    blocks.fail(blocks.offset_bytes(), "its records are not what its inputs add up to");
}

void read_head_end(BlockReader& blocks) {
  const std::uint64_t checksums = blocks.checksums().value();
  const BlockReader::Block block = blocks.next();
  if (block.kind != BlockKind::head_end)
    blocks.fail(block.offset_bytes - kBlockHeadBytes, "its blocks are not in order");
  ByteReader payload(block.payload);
  if (payload.fixed<std::uint64_t>() != checksums || payload.failed() || !payload.at_end())
    blocks.fail(block.offset_bytes - kBlockHeadBytes, "a part of it is missing");
}

}  // namespace

PartialFile open_partial(const std::string& path, CyclePolicyMaker& make_policy,
                         const PartialSink& sink, const std::function<void()>& checkpoint) {
  const auto file = open_file(path);
  PartialFile partial = read_partial(file, make_policy, sink, checkpoint);
  partial.identity = identity_of(file->fd());
  return partial;
}

PartialFile read_partial(std::shared_ptr<const ByteSource> bytes, CyclePolicyMaker& make_policy,
                         const PartialSink& sink, const std::function<void()>& checkpoint) {
  PartialFile partial;
  partial.size_bytes = bytes->size_bytes();
  check_front(*bytes);
  BlockReader blocks(bytes, kFrontBytes, kReadBytes);
  const DecodedHeader header = read_header(blocks);
  partial.state = header.state;
  const auto interpret_options = [&](const std::function<void()>& interpret) {
    try {
      interpret();
    } catch (const Error& error) {
      blocks.fail(kFrontBytes, std::string("its options are invalid: ") + error.message());
    }
  };
  interpret_options([&] { partial.options = usage_options(header.options); });
  const std::uint32_t task_count = read_tasks(blocks, sink, checkpoint);
  std::vector<KeyedTotals> accepted;
  read_inputs(blocks, partial, sink, checkpoint, accepted);
  read_head_end(blocks);
  partial.rows.bytes = bytes;
  if (!partial.options.dedupe.by.empty())
    read_records(blocks, partial, std::move(accepted), checkpoint);
  const BlockKind kind = blocks.next_kind();
  if (kind != BlockKind::rows && kind != BlockKind::end)
    blocks.fail(blocks.offset_bytes(), "its blocks are not in order");
  partial.has_rows = kind == BlockKind::rows;
  interpret_options([&] {
    partial.rows = {bytes, kFrontBytes, blocks.offset_bytes(), blocks.checksums(),
                    bounds_of(partial, header.rows, task_count, make_policy)};
  });
  // Nobody reads rows where there are none.
  if (partial.records && !partial.has_rows) {
    UsageFileReader(
        std::make_unique<BlockReader>(bytes, blocks.offset_bytes(), kReadBytes, blocks.checksums()),
        partial.rows.bounds)
        .next_user();
  }
  return partial;
}

void refuse_last_lines(const PartialFile& partial) {
  if (partial.last_lines == 0) return;
  const std::string& path = partial.rows.bytes->name();
  const bool is_one = partial.last_lines == 1;
  throw Error(
      ErrorKind::run,
      fmt::format("{}: is the state of incremental runs and holds {} without an end ({}). Runs "
                  "with the state bill {}, but {} not in the rows. Make a partial of everything "
                  "with \1state {} \1partial FILE",
                  quoted_text(path), counted(partial.last_lines, "last line"),
                  counted(partial.last_lines_bytes, "byte"), is_one ? "it" : "them",
                  is_one ? "it is" : "they are", shell_word(split_path(path).folder)));
}

void check_same_options(const PartialFile& first, const PartialFile& other) {
  const std::string difference = describe_difference(first.options, first.rows.bytes->name(),
                                                     other.options, other.rows.bytes->name());
  if (difference.empty()) return;
  throw Error(ErrorKind::run, "these partials were made with different options:\n" + difference +
                                  "\nmake them alike from their logs, or bill each by itself");
}

void add_together(InputSum& sum, const PartialFile& partial) {
  if (!sum.add(partial.totals))
    throw Error(ErrorKind::run, "together these partials hold more than can be counted");
}

void begin_partial(UsageFileWriter& writer, const std::function<void(std::string_view)>& append,
                   const DecodedHeader& header) {
  std::string front(kMagic);
  append_fixed(front, kVersion);
  append(front);
  writer.write_header(encode_header(header));
}

}  // namespace billing
