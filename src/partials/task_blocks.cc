#include "partials/task_blocks.h"

#include <limits>
#include <utility>

#include "base/merge_heap.h"
#include "base/utf8.h"

namespace billing {
namespace {

/// A file at a name that has not been taken.
struct TaskHead {
  bool operator<(const TaskHead& other) const { return name < other.name; }

  std::string_view name;
  std::size_t file;
};

}  // namespace

bool TaskReader::next() {
  ByteReader* const bytes = items_.next();
  if (bytes == nullptr) return false;
  const std::string_view name = bytes->string();
  if (bytes->failed()) items_.fail("a task's name goes beyond its block");
  if (foreign_ && !is_valid_name(name)) items_.fail("a task's name is not one that a log can hold");
  std::size_t size_bytes = 1;
  for (std::size_t rest = name.size(); rest >= 0x80; rest >>= 7) ++size_bytes;
  if (items_.item().size() != size_bytes + name.size())
    items_.fail("a task's name is not in canonical form");
  if (count_ > 0 && name <= name_) items_.fail("its tasks are not in order");
  if (count_ == std::numeric_limits<std::uint32_t>::max())
    items_.fail("it has more tasks than can be told apart");
  name_ = name;
  ++count_;
  return true;
}

std::vector<TaskPlaces> merge_tasks(const std::vector<std::unique_ptr<BlockReader>>& blocks,
                                    const std::function<void(std::string_view)>& take) {
  std::vector<TaskReader> files;
  std::vector<std::vector<std::uint32_t>> places(blocks.size());
  MergeHeap<TaskHead> heads;
  files.reserve(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    files.emplace_back(*blocks[i], false);
    if (files[i].next()) heads.push({files[i].name(), i});
  }
  std::string last;
  std::uint32_t count = 0;
  while (!heads.empty()) {
    const TaskHead head = heads.top();
    if (count == 0 || head.name != last) {
      take(head.name);
      last = head.name;
      ++count;
    }
    places[head.file].push_back(count - 1);
    if (files[head.file].next()) {
      heads.replace_top({files[head.file].name(), head.file});
    } else {
      heads.pop();
    }
  }
  std::vector<TaskPlaces> shared;
  shared.reserve(places.size());
  for (std::vector<std::uint32_t>& some : places)
    shared.push_back(std::make_shared<const std::vector<std::uint32_t>>(std::move(some)));
  return shared;
}

}  // namespace billing
