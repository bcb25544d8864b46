#include "decompress/decompressor.h"

#include <stdexcept>
#include <utility>

#include "base/count_text.h"

namespace billing {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

}  // namespace

Decompressor::Decompressor(PullBytes pull) : pull_(std::move(pull)), buffer_(kBufferBytes) {}

std::size_t Decompressor::read(std::span<char> out) {
  std::size_t made = 0;
  while (made < out.size()) {
    if (pending_.empty()) pull();
    if (pending_.empty() && is_between_members()) break;
    const Step step = decompress(pending_, out.subspan(made));
    // A library that neither takes nor gives would do so for ever.
    if (step.used == 0 && step.made == 0 && !is_between_members()) {
      if (!pending_.empty()) fail_as_damaged(0, "it cannot be decompressed");
      if (at_input_end_) {
        throw DecompressionError("ends too early, after " + grouped(compressed_bytes_) +
                                 " compressed bytes");
      }
    }
    pending_ = pending_.subspan(step.used);
    compressed_bytes_ += step.used;
    made += step.made;
  }
  bytes_ += made;
  return made;
}

void Decompressor::pull() {
  if (at_input_end_) return;
  const std::size_t bytes = pull_(buffer_);
  at_input_end_ = bytes == 0;
  pending_ = {buffer_.data(), bytes};
}

void Decompressor::fail_as_damaged(std::size_t used, const std::string& why) const {
  throw DecompressionError("is damaged at compressed byte " + grouped(compressed_bytes_ + used) +
                           ": " + why);
}

std::unique_ptr<Decompressor> make_decompressor(Compression compression, PullBytes pull,
                                                std::uint64_t max_window_bytes) {
  if (compression == Compression::gzip) return make_gzip_decompressor(std::move(pull));
  if (compression == Compression::zstd)
    return make_zstd_decompressor(std::move(pull), max_window_bytes);
  throw std::invalid_argument("bytes that are not compressed need no decompressor");
}

}  // namespace billing
