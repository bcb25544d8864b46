#include "state/undelivered_rejects.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "base/byte_codec.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/unique_fd.h"
#include "partials/block_writer.h"
#include "values/packed_reject.h"

namespace billing {
namespace {

// A file is a magic, blocks, and a block without entries, so that one which is cut off is noticed.
// A block is the number of its entries and the size of what follows, u64 each; the entries, each
// the name of an input and a packed reject; and the checksum of all that.
constexpr std::string_view kMagic = kUndeliveredRejectsMagic;
constexpr std::size_t kFrontBytes = 16;
constexpr std::size_t kEntriesBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxBytes = 2 * kEntriesBytes;

/// Reads one file from its start to its end.
class RejectsReader {
 public:
  explicit RejectsReader(std::string path)
      : path_(std::move(path)), file_(path_, std::ios::binary) {
    if (!file_.is_open()) {
      throw Error(ErrorKind::run, quoted_text(path_) + ": the rejects of an earlier run: " +
                                      describe_open_failure(errno, "state"));
    }
    if (read(kMagic.size()) != kMagic) fail();
  }

  /// The entries of the next block; none at the end of a whole file.
  std::uint64_t next_block(std::string& entries) {
    std::string block = read(kFrontBytes);
    ByteReader head(block);
    const auto count = head.fixed<std::uint64_t>();
    const auto size = head.fixed<std::uint64_t>();
    if (size > kMaxBytes) fail();
    entries = read(static_cast<std::size_t>(size));
    block += entries;
    const std::string checksum = read(sizeof(std::uint64_t));
    if (ByteReader(checksum).fixed<std::uint64_t>() != checksum_of(block)) fail();
    if (count == 0 && file_.peek() != std::ifstream::traits_type::eof()) fail();
    return count;
  }

  void hand_on(ByteReader& entries, RejectTaker& taker) const {
    const std::string input_name(entries.string());
    const std::optional<RejectedRecord> reject = unpack_reject(entries);
    if (entries.failed() || !reject || reject->column == 0) fail();
    taker.take(input_name, *reject);
  }

 private:
  std::string read(std::size_t bytes) {
    std::string text(bytes, '\0');
    if (!file_.read(text.data(), static_cast<std::streamsize>(bytes))) fail();
    return text;
  }

  [[noreturn]] void fail() const {
    throw Error(ErrorKind::run, quoted_text(path_) +
                                    ": the rejects of an earlier run that wait here are damaged; "
                                    "move this file away to go on without them");
  }

  std::string path_;
  std::ifstream file_;
};

}  // namespace

UndeliveredRejects::UndeliveredRejects(const StateFolder& folder, std::uint64_t runs,
                                       std::function<void()> checkpoint)
    : folder_(folder),
      checkpoint_(std::move(checkpoint)),
      own_path_(folder.rejects_path(runs + 1)) {
  for (const std::uint64_t run : folder.runs_with_rejects()) {
    if (run <= runs) {
      earlier_runs_.push_back(run);
    } else {
      ::unlink(folder.rejects_path(run).c_str());
    }
  }
}

void UndeliveredRejects::deliver_earlier(RejectTaker& taker) const {
  std::string entries;
  for (const std::uint64_t run : earlier_runs_) {
    RejectsReader reader(folder_.rejects_path(run));
    while (std::uint64_t count = reader.next_block(entries)) {
      checkpoint_();
      for (ByteReader bytes(entries); count > 0; --count) reader.hand_on(bytes, taker);
    }
  }
}

std::uint64_t UndeliveredRejects::count_earlier() const {
  std::uint64_t all = 0;
  std::string entries;
  for (const std::uint64_t run : earlier_runs_) {
    RejectsReader reader(folder_.rejects_path(run));
    while (const std::uint64_t count = reader.next_block(entries)) all += count;
  }
  return all;
}

void UndeliveredRejects::take(const std::string& input_name, const RejectedRecord& reject) {
  append_string(entries_, input_name);
  pack_reject(entries_, reject);
  ++entry_count_;
  if (entries_.size() >= kEntriesBytes) write_block();
}

void UndeliveredRejects::write_block() {
  if (file_ == nullptr) {
    file_ = OutputFile::open(own_path_, std::nullopt, checkpoint_);
    file_->append(kMagic);
  }
  std::string block;
  append_fixed(block, entry_count_);
  append_fixed(block, std::uint64_t{entries_.size()});
  block += entries_;
  append_fixed(block, checksum_of(block));
  file_->append(block);
  entries_.clear();
  entry_count_ = 0;
}

void UndeliveredRejects::finish() {
  if (entry_count_ > 0) write_block();
  if (file_ != nullptr) write_block();
}

void UndeliveredRejects::keep() {
  if (file_ != nullptr) file_->commit();
}

bool UndeliveredRejects::forget(bool delivered) {
  const auto remove = [](const std::string& path) {
    return ::unlink(path.c_str()) == 0 || errno == ENOENT;
  };
  bool all_removed = file_ == nullptr || remove(own_path_);
  for (const std::uint64_t run : earlier_runs_) {
    if (delivered && !remove(folder_.rejects_path(run))) all_removed = false;
  }
  return all_removed;
}

}  // namespace billing
