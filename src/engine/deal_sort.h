#pragma once

// Sorts items by a 64-bit number whose values are spread about evenly: small groups are ranked
// without branches, larger ones are first dealt out into buckets of equal spans (a bucket sort).

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace billing {

/// Deals items out into about `buckets` buckets, at least one, of equal spans of order(), in rising
/// order; `ends` receives where each of them ends in `to`, and one element more.
template <class Item>
void deal_out(const Item* from, std::size_t count, std::size_t buckets, Item* to,
              std::vector<std::size_t>& ends) {
  std::uint64_t lowest = ~std::uint64_t{0};
  std::uint64_t highest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    lowest = std::min(lowest, from[i].order());
    highest = std::max(highest, from[i].order());
  }
  const auto bucket_bits = static_cast<unsigned>(std::bit_width(std::max<std::size_t>(buckets, 1)));
  const auto span_bits = static_cast<unsigned>(count == 0 ? 0 : std::bit_width(highest - lowest));
  const unsigned shift = span_bits > bucket_bits ? span_bits - bucket_bits : 0;
  const auto bucket_of = [lowest, shift](const Item& item) {
    return (item.order() - lowest) >> shift;
  };
  ends.assign((std::size_t{1} << bucket_bits) + 1, 0);
  for (std::size_t i = 0; i < count; ++i) ++ends[bucket_of(from[i]) + 1];
  for (std::size_t i = 1; i < ends.size(); ++i) ends[i] += ends[i - 1];
  for (std::size_t i = 0; i < count; ++i) to[ends[bucket_of(from[i])]++] = from[i];
}

/// An Item is cheap to copy, has `std::uint64_t order() const`, and an operator< that looks at
/// order() first. Keeps its scratch space from one call to the next. One per thread.
template <class Item>
class DealSorter {
 public:
  /// Into the order of operator<. `from` and `to` are the same place, or apart.
  void sort(const Item* from, std::size_t count, Item* to) {
    if (count > kRanked) {
      dealt_.resize(count);
      deal_out(from, count, count / kPerBucket, dealt_.data(), ends_);
      sort_buckets(to);
    } else if (from == to) {
      std::array<Item, kRanked> copy;
      std::copy_n(from, count, copy.data());
      rank(copy.data(), count, to);
    } else {
      rank(from, count, to);
    }
  }

 private:
  /// As many as are quickly compared each with each.
  static constexpr std::size_t kRanked = 32;
  /// Items of a bucket, on average.
  static constexpr std::size_t kPerBucket = 8;

  /// Sorts at most kRanked: an item's place is the number of those that come before it.
  static void rank(const Item* from, std::size_t count, Item* to) {
    std::array<std::uint64_t, kRanked> orders;
    for (std::size_t i = 0; i < count; ++i) orders[i] = from[i].order();
    std::uint64_t taken = 0;
    bool ties = false;
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t place = 0;
      for (std::size_t j = 0; j < count; ++j) place += orders[j] < orders[i];
      for (; (taken >> place & 1) != 0; ++place) ties = true;
      taken |= std::uint64_t{1} << place;
      to[place] = from[i];
    }
    if (ties) std::sort(to, to + count);
  }

  void sort_buckets(Item* to) {
    std::size_t first = 0;
    for (std::size_t bucket = 0; first < dealt_.size(); ++bucket) {
      const std::size_t last = ends_[bucket];
      if (last - first <= kRanked) {
        rank(dealt_.data() + first, last - first, to + first);
      } else {
        std::copy(dealt_.data() + first, dealt_.data() + last, to + first);
        std::sort(to + first, to + last);
      }
      first = last;
    }
  }

  std::vector<std::size_t> ends_;
  std::vector<Item> dealt_;
};

}  // namespace billing
