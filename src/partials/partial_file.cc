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

namespace billing {
namespace {

constexpr std::string_view kMagic = "billing partial\n";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kFrontBytes = kMagic.size() + sizeof(kVersion);
constexpr std::size_t kReadBytes = 64 * 1024;

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(ErrorKind::run, quoted_text(path) + ": " + what);
}

std::shared_ptr<const UniqueFd> open_file(const std::string& path, std::uint64_t& size_bytes) {
  auto fd =
      std::make_shared<const UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd->is_open() || ::fstat(fd->get(), &status) != 0) {
    const int reason = errno;
    const char* const advice = reason == EMFILE
                                   ? "; merge some of the partials first, with --partial"
                                   : "; check the path of the partial";
    fail(path, std::system_category().message(reason) + advice);
  }
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
  if (version != kVersion) {
    fail(path,
         fmt::format("is a partial of version {} (at byte {}), this program knows version {}; "
                     "use the program that made it, or a newer one",
                     version, kMagic.size(), kVersion));
  }
}

/// What rows must hold, given what the inputs held.
RowBounds bounds_of(const PartialFile& partial, CyclePolicyMaker& make_policy) {
  const PartialHeader& header = partial.header;
  const std::shared_ptr<const CyclePolicy> cycles = make_policy(partial.cycles);
  const bool timed = partial.group_by.cycle;
  if (header.events != (timed && cycles->calls_per_cycle() > 0))
    throw Error(ErrorKind::configuration, "they do not fit its rows");
  const InputTotals totals = header.totals();
  ForeignRows foreign{partial.group_by.user || header.events,
                      totals.earliest_ns,
                      totals.latest_ns,
                      nullptr,
                      totals.accepted,
                      totals.accepted_quantity};
  if (!header.events) {
    const bool any = timed && totals.accepted > 0;
    const CycleRange range =
        any ? cycles->cycles_of(totals.earliest_ns, totals.latest_ns) : CycleRange{0, 0};
    foreign.earliest = range.first;
    foreign.latest = range.last;
    if (timed) foreign.cycles = cycles;
  }
  return {header.events, static_cast<std::uint32_t>(header.tasks.size()), std::move(foreign)};
}

void check_options(const std::vector<NamedOption>& options) {
  if (usage_options(group_by_of(options), cycles_of(options), filter_of(options)) == options)
    return;
  throw Error(ErrorKind::configuration, "they are not written as they should be");
}

}  // namespace

PartialFile open_partial(const std::string& path, CyclePolicyMaker& make_policy) {
  PartialFile partial;
  const auto fd = open_file(path, partial.size_bytes);
  check_front(fd->get(), path);
  BlockReader blocks(fd->get(), path, kFrontBytes, kReadBytes);
  const BlockReader::Block block = blocks.next();
  auto header =
      block.kind == BlockKind::header ? decode_partial_header(block.payload) : std::nullopt;
  if (!header) blocks.fail(kFrontBytes, "its header makes no sense");
  partial.header = std::move(*header);
  try {
    check_options(partial.header.options);
    partial.group_by = group_by_of(partial.header.options);
    partial.cycles = cycles_of(partial.header.options);
    partial.rows = {fd,
                    path,
                    kFrontBytes,
                    blocks.checksum(),
                    partial.header.tasks,
                    bounds_of(partial, make_policy)};
  } catch (const Error& error) {
    blocks.fail(kFrontBytes, std::string("its options make no sense: ") + error.what());
  }
  return partial;
}

void begin_partial(UsageFileWriter& writer, const std::function<void(std::string_view)>& append,
                   const PartialHeader& header) {
  std::string front(kMagic);
  append_fixed(front, kVersion);
  append(front);
  writer.write_header(encode(header));
}

}  // namespace billing
