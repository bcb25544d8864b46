// Bytes as something compressed: whatever they are, reading them ends, in bounded memory.

#include <algorithm>
#include <array>
#include <cstdlib>

#include "decompress/decompressor.h"
#include "engine_pair.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  billing::fuzz::Choices choices(data, size);
  const std::size_t room_bytes = 1 + std::size_t{choices.byte()} * 64;
  const std::size_t pulled_bytes = 1 + std::size_t{choices.byte()};
  std::string_view bytes = choices.rest();
  const billing::Compression compression = billing::compression_of(bytes);
  if (compression == billing::Compression::none) return 0;
  const auto decompressor = billing::make_decompressor(
      compression,
      [&](std::span<char> room) {
        const std::size_t count = std::min({room.size(), bytes.size(), pulled_bytes});
        std::copy_n(bytes.begin(), count, room.begin());
        bytes.remove_prefix(count);
        return count;
      },
      std::uint64_t{1} << 20);
  // A bomb costs time: a fuzzer has little of it.
  constexpr std::uint64_t kEnoughBytes = std::uint64_t{4} << 20;
  std::array<char, 1 + 255 * 64> room;
  try {
    while (decompressor->bytes() < kEnoughBytes) {
      if (decompressor->read({room.data(), room_bytes}) == 0) {
        if (decompressor->compressed_bytes() != choices.rest().size()) std::abort();
        break;
      }
    }
  } catch (const billing::DecompressionError&) {
    return 0;  // that is what it is for
  }
  return 0;
}
