#include "partials/block_writer.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/byte_codec.h"

namespace billing {

std::size_t begin_block(Blocks& out, BlockKind kind) {
  const std::size_t begin = out.bytes.size();
  append_fixed(out.bytes, std::uint32_t{0});  // the size, once it is known
  append_fixed(out.bytes, static_cast<std::uint32_t>(kind));
  return begin;
}

void end_block(Blocks& out, std::size_t begin) {
  const auto size = static_cast<std::uint32_t>(out.bytes.size() - begin - kBlockHeadBytes);
  std::memcpy(out.bytes.data() + begin, &size, sizeof(size));
  const std::uint64_t checksum = checksum_of(std::string_view(out.bytes).substr(begin));
  append_fixed(out.bytes, checksum);
  out.checksums.push_back(checksum);
}

std::uint64_t checksum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t checksum_of(const std::vector<std::uint64_t>& checksums) {
  return XXH3_64bits(checksums.data(), checksums.size() * sizeof(std::uint64_t));
}

}  // namespace billing
