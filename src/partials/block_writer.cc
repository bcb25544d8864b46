#include "partials/block_writer.h"

#include <fmt/format.h>
#include <xxhash.h>

#include "base/byte_codec.h"
#include "billing/error.h"

namespace billing {

void append_block(Blocks& out, BlockKind kind, std::string_view payload) {
  if (payload.size() > max_payload_bytes(kind)) {
    throw Error(ErrorKind::run,
                fmt::format("a name or an option takes {} bytes, more than a partial has room for; "
                            "please report this",
                            payload.size()));
  }
  const std::size_t begin = out.bytes.size();
  append_fixed(out.bytes, static_cast<std::uint32_t>(payload.size()));
  append_fixed(out.bytes, static_cast<std::uint32_t>(kind));
  out.bytes += payload;
  const std::uint64_t checksum = checksum_of(std::string_view(out.bytes).substr(begin));
  append_fixed(out.bytes, checksum);
  out.checksums.push_back(checksum);
}

std::uint64_t checksum_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct ChecksumOfBlocks::State {
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> xxh3{XXH3_createState(), XXH3_freeState};
};

ChecksumOfBlocks::ChecksumOfBlocks() : state_(std::make_unique<State>()) {
  XXH3_64bits_reset(state_->xxh3.get());
}
ChecksumOfBlocks::ChecksumOfBlocks(const ChecksumOfBlocks& other)
    : state_(std::make_unique<State>()) {
  XXH3_copyState(state_->xxh3.get(), other.state_->xxh3.get());
}
ChecksumOfBlocks::ChecksumOfBlocks(ChecksumOfBlocks&&) noexcept = default;
ChecksumOfBlocks& ChecksumOfBlocks::operator=(ChecksumOfBlocks&&) noexcept = default;
ChecksumOfBlocks::~ChecksumOfBlocks() = default;

void ChecksumOfBlocks::add(std::uint64_t block_checksum) {
  XXH3_64bits_update(state_->xxh3.get(), &block_checksum, sizeof(block_checksum));
}
std::uint64_t ChecksumOfBlocks::value() const { return XXH3_64bits_digest(state_->xxh3.get()); }

}  // namespace billing
