#include "base/merge_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace billing {
namespace {

struct Head {
  bool operator<(const Head& other) const { return list[at] < other.list[other.at]; }

  std::vector<int> list;
  std::size_t at = 0;
};

TEST(MergeHeap, ListsComeOutInOneOrder) {
  std::mt19937 random(1);
  for (std::size_t lists = 0; lists < 40; ++lists) {
    MergeHeap<Head> heads;
    std::vector<int> expected;
    for (std::size_t i = 0; i < lists; ++i) {
      std::vector<int> list(1 + random() % 20);
      for (int& value : list) value = static_cast<int>(random() % 50);
      std::sort(list.begin(), list.end());
      expected.insert(expected.end(), list.begin(), list.end());
      heads.push({list});
    }
    std::sort(expected.begin(), expected.end());
    std::vector<int> found;
    while (!heads.empty()) {
      Head head = heads.top();
      found.push_back(head.list[head.at]);
      if (++head.at < head.list.size()) {
        heads.replace_top(head);
      } else {
        heads.pop();
      }
    }
    ASSERT_EQ(found, expected) << lists;
  }
}

}  // namespace
}  // namespace billing
