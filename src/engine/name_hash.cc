#include "engine/name_hash.h"

#include <random>

namespace billing::hashing {
namespace {

std::uint64_t random_word() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

const std::array<std::uint64_t, 2> kSalt = {random_word(), random_word()};

}  // namespace billing::hashing
