#pragma once

// Sorts items by a 64-bit number whose values are spread about evenly: small groups are ranked
// without branches, larger ones are first dealt out into buckets of equal spans (a bucket sort).

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace billing {

/// Buckets of equal spans of order(), in rising order.
class Buckets {
 public:
  /// About `wanted` of them, at least one, for these items.
  template <class Item>
  Buckets(const Item* items, std::size_t count, std::size_t wanted) {
    std::uint64_t highest = 0;
    for (std::size_t i = 0; i < count; ++i) {
      lowest_ = std::min(lowest_, items[i].order());
      highest = std::max(highest, items[i].order());
    }
    const auto bits = static_cast<int>(std::bit_width(std::max<std::size_t>(wanted, 1)));
    const auto span_bits = static_cast<int>(count == 0 ? 0 : std::bit_width(highest - lowest_));
    shift_ = std::max(span_bits - bits, 0);
    count_ = std::size_t{1} << bits;
  }

  std::size_t count() const { return count_; }

  template <class Item>
  std::size_t of(const Item& item) const {
    return (item.order() - lowest_) >> shift_;
  }

  /// Where each bucket begins among `count` items that are dealt out; one element more, the end.
  template <class Item>
  void find_begins(const Item* items, std::size_t count, std::vector<std::size_t>& begins) const {
    begins.assign(count_ + 1, 0);
    for (std::size_t i = 0; i < count; ++i) ++begins[of(items[i]) + 1];
    for (std::size_t i = 1; i < begins.size(); ++i) begins[i] += begins[i - 1];
  }

 private:
  std::uint64_t lowest_ = ~std::uint64_t{0};
  int shift_ = 0;
  std::size_t count_ = 0;
};

/// Deals items out where they are. Returns where each bucket begins, and the end.
template <class Item>
std::vector<std::size_t> deal_in_place(Item* items, std::size_t count, std::size_t buckets_wanted) {
  const Buckets buckets(items, count, buckets_wanted);
  std::vector<std::size_t> begins;
  buckets.find_begins(items, count, begins);
  std::vector<std::size_t> next = begins;
  for (std::size_t bucket = 0; bucket < buckets.count(); ++bucket) {
    while (next[bucket] < begins[bucket + 1]) {
      Item& item = items[next[bucket]];
      const std::size_t target = buckets.of(item);
      if (target != bucket) std::swap(item, items[next[target]]);
      ++next[target];
    }
  }
  return begins;
}

/// An Item is cheap to copy, has `std::uint64_t order() const`, and an operator< that looks at
/// order() first. Keeps its scratch space from one call to the next. One per thread.
template <class Item>
class DealSorter {
 public:
  /// Into the order of operator<, where they are.
  void sort(Item* items, std::size_t count) {
    if (count > kRanked) {
      deal_out(items, count);
      sort_buckets(items);
    } else {
      std::array<Item, kRanked> copy;
      std::copy_n(items, count, copy.data());
      rank(copy.data(), count, items);
    }
  }

 private:
  /// Few enough items that comparing each with each is quick.
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

  void deal_out(const Item* from, std::size_t count) {
    const Buckets buckets(from, count, count / kPerBucket);
    buckets.find_begins(from, count, ends_);
    dealt_.resize(count);
    for (std::size_t i = 0; i < count; ++i) dealt_[ends_[buckets.of(from[i])]++] = from[i];
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
