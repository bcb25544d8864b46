#include "engine/combiner.h"

namespace billing {
namespace {

constexpr unsigned kFirstBits = 10;
/// 4 MB: beyond the L2 cache, but far cheaper than a record for each event of a monthly bill.
constexpr unsigned kLastBits = 17;

}  // namespace

Combiner::Combiner() : sums_(std::size_t{1} << kFirstBits), shift_(64 - kFirstBits) {}

bool Combiner::grow() {
  if (shift_ == 64 - kLastBits) return false;
  std::vector<CombinedSum> old(sums_.size() * 2);
  old.swap(sums_);
  --shift_;
  for (const CombinedSum& sum : old) {
    if (sum.calls == 0) continue;
    std::size_t at = home_of(sum.user, sum.when, sum.task);
    while (sums_[at].calls != 0) at = (at + 1) & (sums_.size() - 1);
    sums_[at] = sum;
  }
  return true;
}

}  // namespace billing
