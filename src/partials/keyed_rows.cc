#include "partials/keyed_rows.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <tuple>

#include "base/byte_codec.h"
#include "billing/error.h"

namespace billing {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{256} << 10;

/// So many files of a level become one of the next: few enough for usual limits on open files.
constexpr std::size_t kMaxFiles = 48;

/// The bits of a key that tell its range.
constexpr unsigned kRangeBits = 6;
static_assert(kKeyRanges == std::size_t{1} << kRangeBits);

bool is_before(const KeyedRow& a, const KeyedRow& b, TieOrder tie_order) {
  if (a.key != b.key) return is_before(a.key, b.key);
  return tie_order(a.bytes, b.bytes);
}

/// A row in a file: its key, the size of its bytes as 32 bits, and they.
constexpr std::size_t kHeadBytes = sizeof(RecordKey) + sizeof(std::uint32_t);

class FileReader final : public KeyedReader {
 public:
  FileReader(const ByteSource& file, std::uint64_t begin, std::uint64_t end,
             std::size_t buffer_bytes)
      : file_(file), at_(begin), end_(end), buffer_bytes_(buffer_bytes) {}

  bool next(KeyedRow& row) override {
    used_ += row_bytes_;
    row_bytes_ = 0;
    if (at_ == end_ && used_ == size_) return false;
    ByteReader head(require(kHeadBytes));
    row.key.high = head.fixed<std::uint64_t>();
    row.key.low = head.fixed<std::uint64_t>();
    const std::size_t size = head.fixed<std::uint32_t>();
    row_bytes_ = kHeadBytes + size;
    row.bytes = require(row_bytes_).substr(kHeadBytes);
    return true;
  }

 private:
  /// So many bytes of the file from the first that is not used.
  std::string_view require(std::size_t bytes) {
    if (size_ - used_ < bytes) refill(bytes);
    return {buffer_.data() + used_, bytes};
  }

  void refill(std::size_t bytes) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(used_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(size_), buffer_.begin());
    size_ -= used_;
    used_ = 0;
    buffer_.resize(std::max({buffer_.size(), buffer_bytes_, bytes}));
    while (size_ < bytes) {
      const std::size_t wanted = std::min<std::uint64_t>(buffer_.size() - size_, end_ - at_);
      const std::size_t got = file_.read_at(at_, std::span(buffer_.data() + size_, wanted));
      if (got == 0) throw Error(ErrorKind::run, file_.name() + " has been cut off");
      at_ += got;
      size_ += got;
    }
  }

  const ByteSource& file_;
  std::uint64_t at_;  ///< behind what is in the buffer
  std::uint64_t end_;
  std::size_t buffer_bytes_;
  std::vector<char> buffer_;
  std::size_t used_ = 0;
  std::size_t size_ = 0;
  std::size_t row_bytes_ = 0;  ///< of the row that was handed out
};

class FileRun final : public KeyedRun {
 public:
  /// Of what `read` opens, range by range.
  template <class Read>
  FileRun(const SpillOptions& options, const Read& read) {
    file_ = write_spill_file(options, [&](const ByteSink& sink) {
      std::uint64_t written_bytes = 0;
      std::string bytes;
      const auto hand_on = [&] {
        options.checkpoint();
        sink(bytes);
        written_bytes += bytes.size();
        bytes.clear();
      };
      for (std::size_t range = 0; range < kKeyRanges; ++range) {
        begins_[range] = written_bytes + bytes.size();
        const std::unique_ptr<KeyedReader> rows = read(range);
        for (KeyedRow row; rows->next(row);) {
          append_fixed(bytes, row.key.high);
          append_fixed(bytes, row.key.low);
          append_fixed(bytes, static_cast<std::uint32_t>(row.bytes.size()));
          bytes += row.bytes;
          if (bytes.size() >= kBlockBytes) hand_on();
        }
      }
      hand_on();
      begins_[kKeyRanges] = written_bytes;
    });
  }

  std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t buffer_bytes) const override {
    return std::make_unique<FileReader>(*file_, begins_[range], begins_[range + 1], buffer_bytes);
  }

 private:
  std::shared_ptr<const FileBytes> file_;
  std::array<std::uint64_t, kKeyRanges + 1> begins_{};
};

}  // namespace

bool is_before(const RecordKey& a, const RecordKey& b) {
  return std::tie(a.high, a.low) < std::tie(b.high, b.low);
}

std::size_t key_range_of(const RecordKey& key) { return key.high >> (64 - kRangeBits); }

bool KeyedMerge::Head::operator<(const Head& other) const {
  return is_before(row, other.row, tie_order);
}

KeyedMerge::KeyedMerge(std::vector<std::unique_ptr<KeyedReader>> readers, TieOrder tie_order)
    : readers_(std::move(readers)), tie_order_(tie_order) {
  for (const auto& reader : readers_) {
    KeyedRow row;
    if (reader->next(row)) heads_.push({row, reader.get(), tie_order_});
  }
}

bool KeyedMerge::next(KeyedRow& row) {
  if (last_ != nullptr) {
    Head head{{}, last_, tie_order_};
    if (last_->next(head.row)) {
      heads_.replace_top(head);
    } else {
      heads_.pop();
    }
  }
  last_ = heads_.empty() ? nullptr : heads_.top().reader;
  if (last_ == nullptr) return false;
  row = heads_.top().row;
  return true;
}

void KeyedRuns::keep(std::unique_ptr<KeyedRun> run) {
  const std::lock_guard lock(mutex_);
  in_memory_.push_back(std::move(run));
}

void KeyedRuns::spill(const KeyedRun& run) {
  // One at a time, as a file that is written has buffers of its own.
  const std::lock_guard lock(mutex_);
  const auto read = [&run](std::size_t range) { return run.read(range, 0); };
  add_file(std::make_unique<FileRun>(options_, read), 0);
}

void KeyedRuns::add_file(std::unique_ptr<KeyedRun> run) {
  const std::lock_guard lock(mutex_);
  add_file(std::move(run), 0);
}

void KeyedRuns::add_file(std::unique_ptr<KeyedRun> run, std::size_t level) {
  if (files_.size() <= level) files_.resize(level + 1);
  files_[level].push_back(std::move(run));
  if (files_[level].size() < kMaxFiles) return;
  const Runs merged = std::move(files_[level]);
  files_[level].clear();
  const std::size_t buffer_bytes = std::min(options_.merge_bytes / kMaxFiles, kBlockBytes);
  add_file(std::make_unique<FileRun>(options_,
                                     [&](std::size_t range) {
                                       std::vector<std::unique_ptr<KeyedReader>> readers;
                                       for (const auto& file : merged)
                                         readers.push_back(file->read(range, buffer_bytes));
                                       return std::make_unique<KeyedMerge>(std::move(readers),
                                                                           tie_order_);
                                     }),
           level + 1);
}

std::unique_ptr<KeyedReader> KeyedRuns::read(std::size_t range, std::size_t readers) const {
  std::size_t files = 0;
  for (const Runs& level : files_) files += level.size();
  const std::size_t share = options_.merge_bytes / std::max<std::size_t>(files * readers, 1);
  std::vector<std::unique_ptr<KeyedReader>> opened;
  for (const auto& run : in_memory_) opened.push_back(run->read(range, 0));
  for (const Runs& level : files_) {
    for (const auto& run : level) opened.push_back(run->read(range, std::min(share, kBlockBytes)));
  }
  return std::make_unique<KeyedMerge>(std::move(opened), tie_order_);
}

/// Rows that stay where they were written.
class KeyedRows::MemoryRun final : public KeyedRun {
 public:
  MemoryRun(std::vector<Place> places, std::vector<std::unique_ptr<char[]>> blocks)
      : blocks_(std::move(blocks)), places_(std::move(places)) {}

  std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t) const override {
    const auto begin = [this](std::size_t of) {
      return std::partition_point(places_.begin(), places_.end(), [of](const Place& place) {
        return key_range_of(place.key) < of;
      });
    };
    return std::make_unique<Reader>(std::span(begin(range), begin(range + 1)));
  }

  static KeyedRow row_at(const Place& place) {
    std::uint32_t size = 0;
    std::memcpy(&size, place.row, sizeof(size));
    return {place.key, {place.row + sizeof(size), size}};
  }

 private:
  class Reader final : public KeyedReader {
   public:
    explicit Reader(std::span<const Place> places) : places_(places) {}
    bool next(KeyedRow& row) override {
      if (at_ == places_.size()) return false;
      // Rows stand in no order: without this each would be waited for.
      constexpr std::size_t kAhead = 8;
      if (at_ + kAhead < places_.size()) __builtin_prefetch(places_[at_ + kAhead].row);
      row = row_at(places_[at_++]);
      return true;
    }

   private:
    std::span<const Place> places_;
    std::size_t at_ = 0;
  };

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Place> places_;
};

void KeyedRows::add(RecordKey key, std::string_view bytes) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  char* const row = reserve(sizeof(size) + bytes.size());
  std::memcpy(row, &size, sizeof(size));
  std::copy(bytes.begin(), bytes.end(), row + sizeof(size));
  places_.push_back({key, row});
}

char* KeyedRows::reserve(std::size_t bytes) {
  if (room_ < bytes) {
    if (memory_bytes() > std::max(max_bytes_, kBlockBytes)) runs_.spill(*take_sorted());
    room_ = std::max(bytes, kBlockBytes);
    at_ = blocks_.emplace_back(std::make_unique_for_overwrite<char[]>(room_)).get();
    block_bytes_ += room_;
  }
  char* const reserved = at_;
  at_ += bytes;
  room_ -= bytes;
  return reserved;
}

void KeyedRows::make_room() {
  if (!places_.empty() && memory_bytes() > max_bytes_) runs_.spill(*take_sorted());
}

void KeyedRows::finish() {
  if (!places_.empty()) runs_.keep(take_sorted());
}

std::unique_ptr<KeyedRows::MemoryRun> KeyedRows::take_sorted() {
  std::sort(places_.begin(), places_.end(), [this](const Place& a, const Place& b) {
    if (a.key != b.key) return is_before(a.key, b.key);
    return runs_.tie_order()(MemoryRun::row_at(a).bytes, MemoryRun::row_at(b).bytes);
  });
  auto run = std::make_unique<MemoryRun>(std::exchange(places_, {}), std::exchange(blocks_, {}));
  block_bytes_ = 0;
  room_ = 0;
  return run;
}

}  // namespace billing
