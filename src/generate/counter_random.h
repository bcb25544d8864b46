// Random words that are a function of (seed, record, purpose) and of nothing else, so that any
// range of records can be made by any thread, in any order, without asking for the ones before it.
//
// The method is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
// OOPSLA 2014, with the finaliser "Mix13" of David Stafford): its n-th output is
// mix(key + n * golden), so jumping to the n-th costs one multiplication. It passes the usual
// statistical batteries; it is not for secrets.
#pragma once

#include <cstdint>

#include "generate/wide_integer.h"

namespace billing {

/// What a record needs randomness for. Each purpose has a word of its own, so that an option that
/// uses one of them (say, time) leaves the others (say, users) as they were.
enum class Purpose : std::uint64_t { user, fields, time, badness };

/// Immutable; any number of threads may share one.
class CounterRandom {
 public:
  /// The seed is mixed first: two seeds that differ by a multiple of the step would otherwise
  /// give the same words, shifted.
  explicit constexpr CounterRandom(std::uint64_t seed) : key_(mix(seed + kStep)) {}

  constexpr std::uint64_t word(std::uint64_t record, Purpose purpose) const {
    return mix(key_ + (record * kPurposes + static_cast<std::uint64_t>(purpose)) * kStep);
  }

 private:
  static constexpr std::uint64_t kPurposes = 4;
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio, odd

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t key_;
};

/// Takes a number of 0..bound-1 out of a random word; what is left of the word is uniform again, so
/// several small numbers can be taken from one word. A number is off its fair share by at most
/// (product of the bounds taken so far) / 2^64.
constexpr std::uint64_t take_below(std::uint64_t& word, std::uint64_t bound) {
  // word / 2^64 is a fraction of [0, 1). Times the bound, its integer part is the number,
  // and its fraction is the next word.
  const Uint128 product = Uint128{word} * bound;
  word = static_cast<std::uint64_t>(product);
  return static_cast<std::uint64_t>(product >> 64);
}

}  // namespace billing
