#include "io/file_source.h"

#include <algorithm>
#include <utility>

#include "billing/rejected_record.h"

namespace billing {
namespace {

/// More than a chunk is read at a time to find its end, so that little is carried over.
constexpr std::size_t kLookAheadBytes = 64 * 1024;
/// Readable behind the bytes of a chunk that was read.
constexpr std::size_t kPaddingBytes = 128;
/// A record of a mapping is searched for its end in steps of this size.
constexpr std::size_t kSearchBytes = std::size_t{64} << 20;

std::uint64_t count_lines(std::string_view bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

}  // namespace

FileSource::FileSource(std::span<Input> inputs, std::size_t chunk_bytes,
                       std::uint64_t max_record_bytes, CutterMaker make_cutter,
                       std::function<void()> checkpoint)
    : inputs_(inputs),
      chunk_bytes_(chunk_bytes),
      max_record_bytes_(max_record_bytes),
      make_cutter_(std::move(make_cutter)),
      checkpoint_(std::move(checkpoint)),
      input_bytes_(inputs.size()),
      compressed_bytes_(inputs.size()) {}

std::uint64_t FileSource::max_buffer_bytes(std::size_t chunk_bytes,
                                           std::uint64_t max_record_bytes) {
  return chunk_bytes + max_record_bytes + 2 * (kLookAheadBytes + kPaddingBytes);
}

bool FileSource::next(Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  checkpoint_();
  if (chunk.memory == nullptr) chunk.memory = std::make_shared<Kept>();
  kept_of(chunk).turn.reset();
  for (; input_ < inputs_.size(); ++input_, offset_bytes_ = 0) {
    Input& input = inputs_[input_];
    if (turn_ == nullptr) {
      turn_ = begin_turn(input);
      if (!input.is_mapped()) reader_ = std::make_unique<TextReader>(input, checkpoint_);
      cutter_ = make_cutter_(input_);
      at_chunk_ = cutter_->pass({});
      // What was read before may say how to read on.
      if (input.first_byte() > 0) at_chunk_ = cutter_->pass(input.bytes_before());
    }
    chunk.input = input_;
    chunk.offset_bytes = input.first_byte() + offset_bytes_;
    chunk.cut.reset();
    const bool has_more = input.is_mapped() ? next_mapped(input, chunk) : next_read(chunk);
    if (!has_more) at_chunk_ = input.is_part() ? nullptr : cutter_->at_end();
    if (!has_more && at_chunk_ != nullptr) {
      chunk.bytes = {};
      chunk.readable_bytes = 0;
    }
    if (has_more || at_chunk_ != nullptr) {
      chunk.sequence = sequence_++;
      offset_bytes_ += chunk.covered_bytes();
      chunk.start = std::exchange(at_chunk_, cutter_->pass(chunk.bytes));
      kept_of(chunk).turn = turn_;
      return true;
    }
    if (reader_) compressed_bytes_[input_] = reader_->compressed_bytes();
    reader_.reset();
    turn_.reset();
    input.close();
  }
  return false;
}

/// Maps the input if asked to. The mapping goes with the last copy of the returned pointer.
std::shared_ptr<const void> FileSource::begin_turn(Input& input) {
  if (input.maps_in_turn()) input.map();
  return {&input, [](Input* at_end) { at_end->unmap(); }};
}

bool FileSource::next_mapped(const Input& input, Chunk& chunk) {
  // What was lost reads as zeros: one endless record.
  if (input.has_lost_pages()) input.verify_unchanged();
  input_bytes_[input_] = input.bytes().size();
  const std::string_view rest = input.bytes().substr(offset_bytes_);
  if (rest.empty()) return false;
  std::size_t from = std::min(chunk_bytes_, rest.size()) - 1;
  std::size_t end = std::string_view::npos;
  while (end == std::string_view::npos && from < rest.size()) {
    const std::size_t to = rest.size() - from > kSearchBytes ? from + kSearchBytes : rest.size();
    end = cutter_->first_end(rest.substr(0, to), from);
    from = to;
    checkpoint_();
    if (input.has_lost_pages()) input.verify_unchanged();
  }
  chunk.bytes = rest.substr(0, end);
  chunk.readable_bytes = input.readable_bytes() - offset_bytes_;
  return true;
}

bool FileSource::next_read(Chunk& chunk) {
  BigMemory& memory = kept_of(chunk).buffer;
  if (memory.data() == nullptr)
    memory = BigMemory(max_buffer_bytes(chunk_bytes_, max_record_bytes_), Population::on_touch);
  char* const buffer = reinterpret_cast<char*>(memory.data());
  std::copy(carry_.begin(), carry_.end(), buffer);
  std::string_view bytes(buffer, carry_.size());
  carry_.clear();

  std::size_t searched = 0;    // for any line end
  std::size_t open_begin = 0;  // of the record whose end has not been read
  std::size_t end = std::string_view::npos;
  while (true) {
    if (bytes.size() >= chunk_bytes_)
      end = cutter_->first_end(bytes, std::max(searched, chunk_bytes_ - 1));
    if (end != std::string_view::npos) break;
    if (const std::size_t last = cutter_->last_end(bytes, searched); last != RecordCutter::kNone)
      open_begin = last;
    searched = bytes.size();
    constexpr std::size_t kEndBytes = 2;  // CR and LF that may turn out to end the record
    if (bytes.size() - open_begin > max_record_bytes_ + kEndBytes) {
      if (open_begin == 0) return pass_over(bytes.size(), chunk);
      end = open_begin;
      break;
    }
    // Little at a time beyond the nominal size, so that little has to be carried over.
    const std::size_t wanted =
        kLookAheadBytes + (bytes.size() < chunk_bytes_ ? chunk_bytes_ - bytes.size() : 0);
    const std::size_t added = read({buffer + bytes.size(), wanted});
    if (added == 0) {
      end = bytes.size();
      break;
    }
    bytes = {buffer, bytes.size() + added};
  }
  carry_.assign(bytes.begin() + end, bytes.end());
  chunk.bytes = bytes.substr(0, end);
  chunk.readable_bytes = memory.bytes();
  return end > 0;
}

/// Reads on to the end of a record that has become too long, of which `used` bytes are in the
/// chunk's buffer. Its beginning stays there.
bool FileSource::pass_over(std::size_t used, Chunk& chunk) {
  const BigMemory& memory = kept_of(chunk).buffer;
  char* const buffer = reinterpret_cast<char*>(memory.data());
  std::size_t kept = std::min(used, kMaxKeptRecordBytes);
  char last = buffer[used - 1];
  char before_last = used > 1 ? buffer[used - 2] : '\0';
  std::uint64_t text_bytes = used;  // without the LF at the record's end
  std::uint64_t end_bytes = 0;
  std::uint64_t lines = count_lines({buffer, used});
  bool has_end = false;
  while (!has_end) {
    const std::size_t added = read({buffer + kept, kLookAheadBytes});
    if (added == 0) break;
    const std::string_view bytes(buffer + kept, added);
    const std::size_t end = cutter_->skip(bytes);
    std::string_view rest = bytes.substr(0, end);
    lines += count_lines(rest);
    if (end != RecordCutter::kNone) {
      has_end = true;
      carry_.assign(bytes.begin() + end, bytes.end());
      if (cutter_->ends_lines()) {
        end_bytes = 1;
        rest.remove_suffix(1);
      }
    }
    if (!rest.empty()) {
      before_last = rest.size() > 1 ? rest[rest.size() - 2] : last;
      last = rest.back();
    }
    text_bytes += rest.size();
    kept = std::min(kept + rest.size(), kMaxKeptRecordBytes);
  }
  if (!has_end && last == '\n') {  // taken in by an open quote at the input's end
    end_bytes = 1;
    --text_bytes;
    last = before_last;
  } else if (!has_end && cutter_->ends_lines()) {
    ++lines;
  }
  const std::uint64_t record_bytes = text_bytes - (last == '\r' ? 1 : 0);
  chunk.bytes = {buffer, std::min<std::size_t>(kept, record_bytes)};
  chunk.readable_bytes = memory.bytes();
  chunk.cut = CutRecord{text_bytes + end_bytes, record_bytes, lines, cutter_->is_open()};
  return true;
}

/// Reads once. Returns the number of bytes; 0 at the end.
std::size_t FileSource::read(std::span<char> room) {
  const std::size_t bytes = reader_->read(room);
  input_bytes_[input_] += bytes;
  return bytes;
}

}  // namespace billing
