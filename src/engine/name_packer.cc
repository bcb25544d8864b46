#include "engine/name_packer.h"

#include <bit>
#include <cstring>

namespace billing {
namespace {

std::array<std::uint64_t, 2> head_of(const Name& name) {
  std::array<std::uint64_t, 2> head{name.head[0], name.head[1]};
  if (name.is_long()) std::memcpy(head.data(), name.text().data(), sizeof(head));
  return {__builtin_bswap64(head[0]), __builtin_bswap64(head[1])};
}

}  // namespace

void NameBits::add(const Name& name) {
  const auto head = head_of(name);
  for (std::size_t word = 0; word < head.size(); ++word) {
    ones_[word] |= head[word];
    all_[word] &= head[word];
  }
}

void NameBits::add(const NameBits& names) {
  for (std::size_t word = 0; word < ones_.size(); ++word) {
    ones_[word] |= names.ones_[word];
    all_[word] &= names.all_[word];
  }
}

NamePacker::NamePacker(const NameBits& names) {
  const auto varying = names.varying();
  std::uint32_t packed_bits = 0;
  for (std::uint32_t byte = 0; byte < kNameHeadBytes; ++byte) {
    const std::uint32_t word = byte / 8;
    const std::uint32_t shift = 56 - byte % 8 * 8;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(varying[word] >> shift & 0xFF));
    packed_bits += bits;
    if (packed_bits > 64) return;
    if (bits > 0) fields_.push_back({word, shift, bits});
  }
}

std::uint64_t NamePacker::pack(const Name& name) const {
  const auto head = head_of(name);
  std::uint64_t packed = 0;
  for (const Field& field : fields_) {
    const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
    packed = packed << field.bits | (head[field.word] >> field.shift & mask);
  }
  return packed;
}

}  // namespace billing
