#include "partials/partial_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "base/byte_codec.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/first_bytes.h"
#include "io/open_failure.h"
#include "partials/input_blocks.h"
#include "partials/task_blocks.h"

namespace billing {
namespace {

constexpr std::string_view kMagic = kPartialMagic;
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kFrontBytes = kMagic.size() + sizeof(kVersion);
constexpr std::size_t kReadBytes = 64 * 1024;

/// Tasks or inputs between two looks at whether the host wants to go on.
constexpr std::uint64_t kItemsAtOnce = 4096;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::run, quoted_text(path) + ": " + what);
}

std::shared_ptr<const UniqueFd> open_file(const std::string& path, std::uint64_t& size_bytes) {
  auto fd =
      std::make_shared<const UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd->is_open() || ::fstat(fd->get(), &status) != 0) {
    const int reason = errno;
    const std::string what = quoted_text(path) + ": " + describe_open_failure(reason, "partial");
    if (!is_out_of_descriptors(reason)) throw Error(ErrorKind::run, what);
    throw TooManyFiles(ErrorKind::run, what + ", or merge some of them first, with --partial");
  }
  if (S_ISDIR(status.st_mode)) fail(path, "is a folder; name the partials in it");
  if (!S_ISREG(status.st_mode)) {
    fail(path, "is no regular file; partials are read several times, so they cannot be piped in");
  }
  size_bytes = static_cast<std::uint64_t>(status.st_size);
  return fd;
}

void check_front(int fd, const std::string& path) {
  std::string front(kFrontBytes, '\0');
  const ssize_t size = ::pread(fd, front.data(), front.size(), 0);
  if (size < 0) fail(path, std::system_category().message(errno));
  if (front.substr(0, kMagic.size()) != kMagic) {
    fail(path, "is no partial (at byte 0); billing aggregate --partial FILE makes one from logs");
  }
  if (static_cast<std::size_t>(size) < front.size())
    fail(path, fmt::format("the file is cut off (at byte {}); make it anew from its logs", size));
  const auto version =
      ByteReader(std::string_view(front).substr(kMagic.size())).fixed<std::uint32_t>();
  if (version == kVersion) return;
  const std::string found =
      fmt::format("is a partial of version {} (at byte {})", version, kMagic.size());
  const std::string known = fmt::format("this program knows version {}", kVersion);
  fail(path, version < kVersion
                 ? found + "; " + known + ": make it anew from its logs"
                 : found + "; " + known + ": use the program that made it, or a newer one");
}

/// What rows must hold, given what the inputs held.
RowBounds bounds_of(const PartialFile& partial, RowKind kind, std::uint32_t task_count,
                    CyclePolicyMaker& make_policy) {
  const std::shared_ptr<const CyclePolicy> cycles = make_policy(partial.cycles);
  const bool events = kind == RowKind::events;
  const bool timed = partial.group_by.cycle;
  if (events != (timed && cycles->calls_per_cycle() > 0))
    throw Error(ErrorKind::configuration, "they do not fit its rows");
  const InputTotals& totals = partial.totals;
  ForeignRows foreign{partial.group_by.user || events,
                      totals.earliest_ns,
                      totals.latest_ns,
                      nullptr,
                      totals.accepted,
                      totals.accepted_quantity,
                      partial.quantity.negative};
  if (!events) {
    const bool any = timed && totals.accepted > 0;
    const CycleRange range =
        any ? cycles->cycles_of(totals.earliest_ns, totals.latest_ns) : CycleRange{0, 0};
    foreign.earliest = range.first;
    foreign.latest = range.last;
    if (timed) foreign.cycles = cycles;
  }
  return {kind, task_count, std::move(foreign)};
}

void check_options(const std::vector<NamedOption>& options) {
  if (usage_options(group_by_of(options), cycles_of(options), filter_of(options)) == options)
    return;
  throw Error(ErrorKind::configuration, "they are not in canonical form");
}

/// Reads the options; returns what rows are.
RowKind read_header(BlockReader& blocks, PartialFile& partial) {
  const BlockReader::Block block = blocks.next();
  auto header = block.kind == BlockKind::header ? decode_header(block.payload) : std::nullopt;
  if (!header) blocks.fail(kFrontBytes, "its header is invalid");
  partial.options = std::move(header->options);
  partial.state = header->state;
  return header->rows;
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

void read_inputs(BlockReader& blocks, PartialFile& partial, const PartialSink& sink,
                 const std::function<void()>& checkpoint) {
  InputReader inputs(blocks, partial.state.has_value());
  std::uint64_t items = 0;
  while (inputs.next()) {
    const PartialInput& input = inputs.input();
    sink.input(input);
    ++partial.input_count;
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

}  // namespace

PartialFile open_partial(const std::string& path, CyclePolicyMaker& make_policy,
                         const PartialSink& sink, const std::function<void()>& checkpoint) {
  PartialFile partial;
  const auto fd = open_file(path, partial.size_bytes);
  check_front(fd->get(), path);
  BlockReader blocks(fd->get(), path, kFrontBytes, kReadBytes);
  const RowKind row_kind = read_header(blocks, partial);
  const auto interpret_options = [&](const std::function<void()>& interpret) {
    try {
      interpret();
    } catch (const Error& error) {
      blocks.fail(kFrontBytes, std::string("its options are invalid: ") + error.what());
    }
  };
  interpret_options([&] {
    check_options(partial.options);
    partial.group_by = group_by_of(partial.options);
    partial.cycles = cycles_of(partial.options);
  });
  const std::uint32_t task_count = read_tasks(blocks, sink, checkpoint);
  read_inputs(blocks, partial, sink, checkpoint);
  const BlockKind kind = blocks.next_kind();
  if (kind != BlockKind::rows && kind != BlockKind::end)
    blocks.fail(blocks.offset_bytes(), "its blocks are not in order");
  interpret_options([&] {
    partial.rows = {fd,
                    path,
                    kFrontBytes,
                    blocks.offset_bytes(),
                    blocks.checksums(),
                    bounds_of(partial, row_kind, task_count, make_policy)};
  });
  return partial;
}

void begin_partial(UsageFileWriter& writer, const std::function<void(std::string_view)>& append,
                   const DecodedHeader& header) {
  std::string front(kMagic);
  append_fixed(front, kVersion);
  append(front);
  writer.write_header(encode_header(header));
}

}  // namespace billing
