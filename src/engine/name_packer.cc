#include "engine/name_packer.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

namespace billing {
namespace {

constexpr std::uint32_t kMaxBits = 64;

/// Bits of a number behind those that say which beginning it is, or between which ones.
constexpr std::uint32_t kBehindBits = 56;

/// A beginning that more than one of so many names have is worth bits of its own. So there are
/// fewer of them than eight bits can tell apart, with what is between them.
constexpr std::size_t kShareOfBeginning = 128;
constexpr std::size_t kFewestAlike = 4;

std::size_t common_bytes(std::string_view a, std::string_view b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t bytes = 0;
  while (bytes < most && a[bytes] == b[bytes]) ++bytes;
  return bytes;
}

std::string common_prefix(std::span<const Name* const> names) {
  std::string_view prefix = names.front()->text();
  for (const Name* const name : names)
    prefix = prefix.substr(0, common_bytes(prefix, name->text()));
  return std::string(prefix);
}

/// A number of so many bits as one of kBehindBits that orders alike.
std::uint64_t as_behind(std::uint64_t packed, std::uint32_t bits) {
  return bits > kBehindBits ? packed >> (bits - kBehindBits) : packed << (kBehindBits - bits);
}

}  // namespace

WindowPacker::WindowPacker(std::span<const Name* const> sample)
    : prefix_(common_prefix(sample)),
      front_(sample.front()->window(0)),
      front_mask_(window_mask(std::min(prefix_.size(), kNameWindowBytes))),
      window_(sample.front()->window(prefix_.size())) {
  Uint128 varying = 0;
  for (const Name* const name : sample) varying |= name->window(prefix_.size()) ^ window_;
  for (std::uint32_t byte = 0; byte < kNameWindowBytes; ++byte) {
    const std::uint32_t word = byte / 8;
    const std::uint32_t shift = 56 - byte % 8 * 8;
    const auto bits =
        static_cast<std::uint32_t>(std::bit_width(words_of(varying)[word] >> shift & 0xFF));
    if (bits_ + bits > kMaxBits) return;
    bits_ += bits;
    const Uint128 fixed = 0xFFU >> bits << bits;
    fixed_mask_ |= fixed << (kNameWindowBytes - 1 - byte) * 8;
    if (bits > 0) fields_.push_back({word, shift, bits});
  }
}

/// A name unlike the sample: where it first differs in a fixed byte, it sorts before or after every
/// name with the same earlier fields, so the remaining bits are all 0 or all 1.
std::uint64_t WindowPacker::pack_other(const Name& name) const {
  const std::uint64_t most = bits_ == 0 ? 0 : ~std::uint64_t{0} >> (kMaxBits - bits_);
  const int order = name.text().substr(0, prefix_.size()).compare(prefix_);
  if (order != 0) return order < 0 ? 0 : most;
  const Uint128 window = name.window(prefix_.size());
  const Uint128 other = (window ^ window_) & fixed_mask_;
  std::uint32_t other_byte = 0;
  while ((other & window_mask(other_byte + 1)) == 0) ++other_byte;
  const Uint128 in_byte = window_mask(other_byte + 1);
  const bool greater = (window & fixed_mask_ & in_byte) > (window_ & fixed_mask_ & in_byte);
  std::uint64_t packed = 0;
  std::uint32_t left_bits = bits_;
  for (const Field& field : fields_) {
    if (field.word * 8 + (56 - field.shift) / 8 >= other_byte) break;
    const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
    packed = packed << field.bits | (words_of(window)[field.word] >> field.shift & mask);
    left_bits -= field.bits;
  }
  // A shift by all 64 bits would be none.
  if (left_bits == kMaxBits) return greater ? most : 0;
  return packed << left_bits | (greater ? (std::uint64_t{1} << left_bits) - 1 : 0);
}

NamePacker::NamePacker(const std::vector<const Name*>& sample) : all_(sample) {
  std::vector<std::pair<std::uint64_t, const Name*>> packed;
  packed.reserve(sample.size());
  for (const Name* const name : sample) packed.emplace_back(all_.pack(*name), name);
  std::sort(packed.begin(), packed.end());
  for (std::size_t begin = 0; begin < packed.size();) {
    std::vector<const Name*> alike;
    std::size_t end = begin;
    while (end < packed.size() && packed[end].first == packed[begin].first)
      alike.push_back(packed[end++].second);
    if (alike.size() >= kFewestAlike && alike.size() * kShareOfBeginning > sample.size())
      beginnings_.push_back({packed[begin].first, WindowPacker(alike)});
    begin = end;
  }
}

std::uint64_t NamePacker::pack_behind(std::uint64_t packed, const Name& name) const {
  const auto at = std::lower_bound(
      beginnings_.begin(), beginnings_.end(), packed,
      [](const Beginning& beginning, std::uint64_t wanted) { return beginning.packed < wanted; });
  const auto before = static_cast<std::uint64_t>(at - beginnings_.begin());
  if (at == beginnings_.end() || at->packed != packed)
    return (2 * before) << kBehindBits | as_behind(packed, all_.bits());
  return (2 * before + 1) << kBehindBits | as_behind(at->behind.pack(name), at->behind.bits());
}

}  // namespace billing
