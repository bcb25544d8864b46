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

/// Numbers near 0, of either sign, become short ones.
inline std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

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
  std::uint64_t long_varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ < end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      const std::uint64_t bits = byte & 0x7F;
      if (shift == 63 && bits > 1) break;
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
