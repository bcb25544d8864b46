#pragma once

// The heads of ordered lists that are merged, the least on top.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace billing {

/// A binary heap whose top can be replaced in one walk down: in a merge the next head of a list
/// mostly takes the place of the one before, and often stays on top. Which of equal heads comes
/// first is not defined.
template <class Head>
class MergeHeap {
 public:
  bool empty() const { return heads_.empty(); }
  const Head& top() const { return heads_.front(); }

  void push(Head head) {
    heads_.push_back(std::move(head));
    std::push_heap(heads_.begin(), heads_.end(),
                   [](const Head& a, const Head& b) { return b < a; });
  }

  void replace_top(Head head) {
    std::size_t at = 0;
    for (;;) {
      std::size_t child = 2 * at + 1;
      if (child >= heads_.size()) break;
      if (child + 1 < heads_.size() && heads_[child + 1] < heads_[child]) ++child;
      if (!(heads_[child] < head)) break;
      heads_[at] = std::move(heads_[child]);
      at = child;
    }
    heads_[at] = std::move(head);
  }

  void pop() {
    Head last = std::move(heads_.back());
    heads_.pop_back();
    if (!heads_.empty()) replace_top(std::move(last));
  }

 private:
  std::vector<Head> heads_;
};

}  // namespace billing
