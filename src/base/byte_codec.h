#pragma once

// Numbers and strings as bytes: little-endian, small numbers short.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace billing {

/// The most bytes of an unsigned 64-bit number in groups of 7 bits, the lowest first (LEB128).
inline constexpr std::size_t kMaxVarintBytes = 10;

inline void append_varint(std::string& out, std::uint64_t value) {
  char bytes[kMaxVarintBytes];
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

/// The same of an unsigned number of more bits.
template <class Unsigned>
void append_wide_varint(std::string& out, Unsigned value) {
  for (; value >> 63 != 0; value >>= 7)
    out += static_cast<char>(static_cast<unsigned>(value) | 0x80);
  append_varint(out, static_cast<std::uint64_t>(value));
}

/// Numbers near 0, of either sign, become short ones.
template <class Unsigned, class Signed>
constexpr Unsigned wide_zigzag(Signed value) {
  static_assert(sizeof(Unsigned) == sizeof(Signed));
  return static_cast<Unsigned>(value) << 1 ^
         static_cast<Unsigned>(value >> (sizeof(value) * 8 - 1));
}
template <class Signed, class Unsigned>
constexpr Signed wide_unzigzag(Unsigned value) {
  static_assert(sizeof(Unsigned) == sizeof(Signed));
  return static_cast<Signed>(value >> 1 ^ (~(value & 1) + 1));
}
constexpr std::uint64_t zigzag(std::int64_t value) { return wide_zigzag<std::uint64_t>(value); }
constexpr std::int64_t unzigzag(std::uint64_t value) { return wide_unzigzag<std::int64_t>(value); }

template <class Integer>
void append_fixed(std::string& out, Integer value) {
  static_assert(std::endian::native == std::endian::little);
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out.append(bytes, sizeof(value));
}

inline void append_string(std::string& out, std::string_view text) {
  append_varint(out, text.size());
  out += text;
}

/// Reads what the functions above wrote. Where the bytes end too early or a number is too large,
/// it is at its end, has failed, and returns zeros from then on.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool at_end() const { return at_ == end_; }
  bool failed() const { return failed_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  std::uint64_t varint() {
    if (left() < 2) [[unlikely]]
      return long_varint();
    const auto low = static_cast<unsigned char>(at_[0]);
    const auto high = static_cast<unsigned char>(at_[1]);
    if (low < 0x80) {
      ++at_;
      return low;
    }
    if (high < 0x80) [[likely]] {
      at_ += 2;
      return (low & 0x7FU) | std::uint64_t{high} << 7;
    }
    return long_varint();
  }

  /// Of as many bits as `Unsigned` has.
  template <class Unsigned>
  Unsigned wide_varint() {
    if (left() >= 2 && (at_[0] & at_[1] & 0x80) == 0) [[likely]]
      return varint();
    return long_varint<Unsigned>();
  }

  template <class Integer>
  Integer fixed() {
    Integer value = 0;
    if (left() < sizeof(value)) {
      fail();
    } else {
      std::memcpy(&value, at_, sizeof(value));
      at_ += sizeof(value);
    }
    return value;
  }

  /// The next `size` bytes, in place.
  std::string_view bytes(std::uint64_t size) {
    if (left() < size) {
      fail();
      return {};
    }
    const std::string_view text(at_, static_cast<std::size_t>(size));
    at_ += size;
    return text;
  }
  std::string_view string() { return bytes(varint()); }

  void fail() {
    failed_ = true;
    at_ = end_;
  }

 private:
  template <class Integer = std::uint64_t>
  Integer long_varint() {
    constexpr unsigned kBits = sizeof(Integer) * 8;
    Integer value = 0;
    for (unsigned shift = 0; shift < kBits && at_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      const Integer bits = byte & 0x7F;
      if (shift + 7 > kBits && bits >> (kBits - shift) != 0) break;
      value |= bits << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace billing
