#include "io/chunk_source.h"

#include <algorithm>

#include "billing/rejected_record.h"
#include "io/read_input.h"

namespace billing {
namespace {

/// More than a chunk is read at a time to find its end, so that little is carried over.
constexpr std::size_t kLookAheadBytes = 64 * 1024;
/// Readable behind the bytes of a chunk that was read.
constexpr std::size_t kPaddingBytes = 128;
/// A record of a mapping is searched for its end in steps of this size.
constexpr std::size_t kSearchBytes = std::size_t{64} << 20;

/// Behind the first line end at or after `from`; npos where there is none.
std::size_t record_end(std::string_view bytes, std::size_t from) {
  const std::size_t newline = bytes.find('\n', from);
  return newline == std::string_view::npos ? newline : newline + 1;
}

}  // namespace

ChunkSource::ChunkSource(std::span<Input> inputs, std::size_t chunk_bytes,
                         std::uint64_t max_record_bytes, std::function<void()> checkpoint)
    : inputs_(inputs),
      chunk_bytes_(chunk_bytes),
      max_record_bytes_(max_record_bytes),
      checkpoint_(std::move(checkpoint)),
      input_bytes_(inputs.size()) {}

std::uint64_t ChunkSource::max_buffer_bytes(std::size_t chunk_bytes,
                                            std::uint64_t max_record_bytes) {
  return chunk_bytes + max_record_bytes + 2 * (kLookAheadBytes + kPaddingBytes);
}

bool ChunkSource::next(Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  checkpoint_();
  chunk.turn.reset();
  for (; input_ < inputs_.size(); ++input_, offset_bytes_ = 0, at_stream_end_ = false) {
    Input& input = inputs_[input_];
    if (turn_ == nullptr) turn_ = begin_turn(input);
    chunk.input = input_;
    chunk.offset_bytes = input.first_byte() + offset_bytes_;
    chunk.cut.reset();
    if (input.is_mapped() ? next_mapped(input, chunk) : next_read(input, chunk)) {
      chunk.sequence = sequence_++;
      offset_bytes_ += chunk.covered_bytes();
      chunk.turn = turn_;
      return true;
    }
    turn_.reset();
    input.close();
  }
  return false;
}

/// Maps the input if asked to. The mapping goes with the last copy of the returned pointer.
std::shared_ptr<const void> ChunkSource::begin_turn(Input& input) {
  if (input.maps_in_turn()) input.map();
  return {&input, [](Input* at_end) { at_end->unmap(); }};
}

bool ChunkSource::next_mapped(const Input& input, Chunk& chunk) {
  // What was lost reads as zeros: one endless record.
  if (input.has_lost_pages()) input.verify_unchanged();
  input_bytes_[input_] = input.bytes().size();
  const std::string_view rest = input.bytes().substr(offset_bytes_);
  if (rest.empty()) return false;
  std::size_t from = std::min(chunk_bytes_, rest.size()) - 1;
  std::size_t end = std::string_view::npos;
  while (end == std::string_view::npos && from < rest.size()) {
    const std::size_t to = rest.size() - from > kSearchBytes ? from + kSearchBytes : rest.size();
    end = record_end(rest.substr(0, to), from);
    from = to;
    checkpoint_();
    if (input.has_lost_pages()) input.verify_unchanged();
  }
  chunk.bytes = rest.substr(0, end);
  chunk.readable_bytes = input.readable_bytes() - offset_bytes_;
  return true;
}

bool ChunkSource::next_read(const Input& input, Chunk& chunk) {
  if (chunk.buffer.data() == nullptr) {
    chunk.buffer =
        BigMemory(max_buffer_bytes(chunk_bytes_, max_record_bytes_), Population::on_touch);
  }
  char* const buffer = reinterpret_cast<char*>(chunk.buffer.data());
  std::copy(carry_.begin(), carry_.end(), buffer);
  std::string_view bytes(buffer, carry_.size());
  carry_.clear();

  std::size_t searched = 0;    // for any line end
  std::size_t open_begin = 0;  // of the record whose end has not been read
  std::size_t end = std::string_view::npos;
  while (true) {
    if (bytes.size() >= chunk_bytes_) end = record_end(bytes, std::max(searched, chunk_bytes_ - 1));
    if (end != std::string_view::npos) break;
    if (const std::size_t newline = bytes.substr(searched).rfind('\n'); newline != bytes.npos)
      open_begin = searched + newline + 1;
    searched = bytes.size();
    constexpr std::size_t kCrBytes = 1;  // which may yet turn out to belong to the line end
    if (bytes.size() - open_begin > max_record_bytes_ + kCrBytes) {
      if (open_begin == 0) return pass_over(input, bytes.size(), chunk);
      end = open_begin;
      break;
    }
    // Little at a time beyond the nominal size, so that little has to be carried over.
    const std::size_t wanted =
        kLookAheadBytes + (bytes.size() < chunk_bytes_ ? chunk_bytes_ - bytes.size() : 0);
    const std::size_t added = read(input, {buffer + bytes.size(), wanted});
    if (added == 0) {
      end = bytes.size();
      break;
    }
    bytes = {buffer, bytes.size() + added};
  }
  carry_.assign(bytes.begin() + end, bytes.end());
  chunk.bytes = bytes.substr(0, end);
  chunk.readable_bytes = chunk.buffer.bytes();
  return end > 0;
}

/// Reads on to the end of a record that is too long, of which `used` bytes are in the chunk's
/// buffer. Its beginning stays there.
bool ChunkSource::pass_over(const Input& input, std::size_t used, Chunk& chunk) {
  char* const buffer = reinterpret_cast<char*>(chunk.buffer.data());
  std::size_t kept = std::min(used, kMaxKeptRecordBytes);
  char last = buffer[used - 1];
  std::uint64_t line_bytes = used;  // without the line's LF
  std::uint64_t end_bytes = 0;
  while (end_bytes == 0) {
    const std::size_t added = read(input, {buffer + kept, kLookAheadBytes});
    if (added == 0) break;
    const std::string_view bytes(buffer + kept, added);
    const std::string_view rest_of_line = bytes.substr(0, bytes.find('\n'));
    if (rest_of_line.size() < bytes.size()) {
      end_bytes = 1;
      carry_.assign(bytes.begin() + rest_of_line.size() + 1, bytes.end());
    }
    if (!rest_of_line.empty()) last = rest_of_line.back();
    line_bytes += rest_of_line.size();
    kept = std::min(kept + rest_of_line.size(), kMaxKeptRecordBytes);
  }
  const std::uint64_t record_bytes = line_bytes - (last == '\r' ? 1 : 0);
  chunk.bytes = {buffer, std::min<std::size_t>(kept, record_bytes)};
  chunk.readable_bytes = chunk.buffer.bytes();
  chunk.cut = CutRecord{line_bytes + end_bytes, record_bytes};
  return true;
}

/// Reads once. Returns the number of bytes; 0 at the end.
std::size_t ChunkSource::read(const Input& input, std::span<char> room) {
  if (at_stream_end_) return 0;
  std::uint64_t& all_bytes = input_bytes_[input_];
  const std::size_t bytes = read_input(input, room, all_bytes == 0, checkpoint_);
  at_stream_end_ = bytes == 0;
  all_bytes += bytes;
  return bytes;
}

}  // namespace billing
