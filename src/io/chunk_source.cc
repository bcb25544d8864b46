#include "io/chunk_source.h"

#include <algorithm>

#include "io/read_input.h"

namespace billing {
namespace {

/// More than a chunk is read at a time to find its end, so that little is carried over.
constexpr std::size_t kLookAheadBytes = 64 * 1024;
/// Readable behind the bytes of a chunk that was read.
constexpr std::size_t kPaddingBytes = 128;

/// Behind the first line end at or after `from`; npos where there is none.
std::size_t record_end(std::string_view bytes, std::size_t from) {
  const std::size_t newline = bytes.find('\n', from);
  return newline == std::string_view::npos ? newline : newline + 1;
}

}  // namespace

ChunkSource::ChunkSource(std::span<Input> inputs, std::size_t chunk_bytes,
                         std::function<void()> checkpoint)
    : inputs_(inputs), chunk_bytes_(chunk_bytes), checkpoint_(std::move(checkpoint)) {}

bool ChunkSource::next(Chunk& chunk) {
  const std::lock_guard lock(mutex_);
  checkpoint_();
  chunk.turn.reset();
  for (; input_ < inputs_.size(); ++input_, offset_bytes_ = 0, at_stream_end_ = false) {
    Input& input = inputs_[input_];
    if (turn_ == nullptr) turn_ = begin_turn(input);
    chunk.input = input_;
    chunk.offset_bytes = input.first_byte() + offset_bytes_;
    if (input.is_mapped() ? next_mapped(input, chunk) : next_read(input, chunk)) {
      chunk.sequence = sequence_++;
      offset_bytes_ += chunk.bytes.size();
      chunk.turn = turn_;
      return true;
    }
    turn_.reset();
    input.close();
  }
  return false;
}

/// Maps the input if that is wanted. Whoever lets go of the turn last takes the mapping away.
std::shared_ptr<const void> ChunkSource::begin_turn(Input& input) {
  if (input.maps_in_turn()) input.map();
  return {&input, [](Input* at_end) { at_end->unmap(); }};
}

bool ChunkSource::next_mapped(const Input& input, Chunk& chunk) {
  const std::string_view rest = input.bytes().substr(offset_bytes_);
  if (rest.empty()) return false;
  const std::size_t end = record_end(rest, std::min(chunk_bytes_, rest.size()) - 1);
  chunk.bytes = rest.substr(0, end);
  chunk.readable_bytes = input.readable_bytes() - offset_bytes_;
  return true;
}

bool ChunkSource::next_read(const Input& input, Chunk& chunk) {
  std::vector<char>& buffer = chunk.buffer;
  buffer.resize(std::max(buffer.size(), chunk_bytes_ + kLookAheadBytes + kPaddingBytes));
  buffer.resize(std::max(buffer.size(), carry_.size() + kPaddingBytes));
  std::copy(carry_.begin(), carry_.end(), buffer.begin());
  std::size_t used = carry_.size();
  carry_.clear();

  std::size_t searched = chunk_bytes_ - 1;
  std::size_t end = std::string_view::npos;
  while (true) {
    if (used > searched) {
      end = record_end({buffer.data(), used}, searched);
      if (end != std::string_view::npos) break;
      searched = used;
    }
    if (used > kMaxStreamRecordBytes) {
      check_record_length(input, used - (std::string_view(buffer.data(), used).rfind('\n') + 1));
    }
    const std::size_t added = at_stream_end_ ? 0 : read_more(input, buffer, used);
    if (added == 0) {
      at_stream_end_ = true;
      end = used;
      break;
    }
    used += added;
  }
  carry_.assign(buffer.begin() + static_cast<std::ptrdiff_t>(end),
                buffer.begin() + static_cast<std::ptrdiff_t>(used));
  chunk.bytes = {buffer.data(), end};
  chunk.readable_bytes = buffer.size();
  return end > 0;
}

/// Reads once, into the free part of the buffer. Returns the number of bytes; 0 at the end.
std::size_t ChunkSource::read_more(const Input& input, std::vector<char>& buffer,
                                   std::size_t used) {
  if (buffer.size() < used + kPaddingBytes + kLookAheadBytes) buffer.resize(buffer.size() * 2);
  const std::span<char> room(buffer.data() + used, buffer.size() - kPaddingBytes - used);
  return read_input(input, room, offset_bytes_ + used == 0, checkpoint_);
}

}  // namespace billing
