#include "partials/merge_stream.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace billing {
namespace {

constexpr std::size_t kRowsAtOnce = 512;

/// Puts the input with the first user on top of a heap.
struct ByUser {
  const std::vector<MergeInput>& inputs;

  bool operator()(std::size_t a, std::size_t b) const {
    return inputs[a].file->user() > inputs[b].file->user();
  }
};

}  // namespace

MergeStream::MergeStream(std::vector<MergeInput> inputs, bool events)
    : inputs_(std::move(inputs)), events_(events) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].file->next_user()) users_.push_back(i);
  }
  std::make_heap(users_.begin(), users_.end(), ByUser{inputs_});
}

bool MergeStream::next(UsageSink& sink) {
  if (heads_.empty() && rows_.empty()) {
    if (users_.empty()) return false;
    begin_user();
  }
  const bool complete = !refill();
  // The last sum may yet grow.
  const std::size_t ready = rows_.size() - (complete ? 0 : 1);
  sink.begin_user(user_, rows_before_);
  sink.add({rows_.data(), ready});
  rows_before_ += ready;
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(ready));
  return true;
}

/// Brings together the first row of every input that has the next user.
void MergeStream::begin_user() {
  user_ = inputs_[users_.front()].file->user();
  rows_before_ = 0;
  while (!users_.empty() && inputs_[users_.front()].file->user() == user_) {
    std::pop_heap(users_.begin(), users_.end(), ByUser{inputs_});
    const std::size_t input = users_.back();
    users_.pop_back();
    Head head{{}, input};
    if (read_row(input, head.row)) heads_.push_back(head);
  }
  std::make_heap(heads_.begin(), heads_.end(), std::greater<>());
}

/// The user's next row of an input; where there is none left, the input waits at its next user.
bool MergeStream::read_row(std::size_t input, UsageRow& row) {
  UsageFileReader& file = *inputs_[input].file;
  if (file.next_row(row)) {
    row.task = inputs_[input].task_of[row.task];
    return true;
  }
  if (file.next_user()) {
    users_.push_back(input);
    std::push_heap(users_.begin(), users_.end(), ByUser{inputs_});
  }
  return false;
}

/// Merges rows of the user at hand; false where it has no more.
bool MergeStream::refill() {
  while (!heads_.empty()) {
    if (rows_.size() > kRowsAtOnce) return true;
    std::pop_heap(heads_.begin(), heads_.end(), std::greater<>());
    Head& head = heads_.back();
    add_up(head.row);
    // An input that has the user to itself, or the next row again, goes on without the heap.
    bool more = read_row(head.input, head.row);
    while (more && rows_.size() <= kRowsAtOnce &&
           (heads_.size() == 1 || head.row <= heads_.front().row)) {
      add_up(head.row);
      more = read_row(head.input, head.row);
    }
    if (more) {
      std::push_heap(heads_.begin(), heads_.end(), std::greater<>());
    } else {
      heads_.pop_back();
    }
  }
  return false;
}

void MergeStream::add_up(const UsageRow& row) {
  const bool added = !events_ && !rows_.empty() && add_if_same_key(rows_.back(), row);
  if (!added) rows_.push_back(row);
}

}  // namespace billing
