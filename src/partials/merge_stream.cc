#include "partials/merge_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace billing {
namespace {

constexpr std::size_t kRowsAtOnce = 512;

/// Numbers that are ordered as the bytes are, where they differ.
std::array<std::uint64_t, 2> prefix_of(std::string_view user) {
  std::array<std::uint64_t, 2> prefix{};
  std::memcpy(prefix.data(), user.data(), std::min(user.size(), sizeof(prefix)));
  return {__builtin_bswap64(prefix[0]), __builtin_bswap64(prefix[1])};
}

}  // namespace

bool MergeStream::UserHead::operator<(const UserHead& other) const {
  if (prefix[0] != other.prefix[0]) return prefix[0] < other.prefix[0];
  if (prefix[1] != other.prefix[1]) return prefix[1] < other.prefix[1];
  return user < other.user;
}

MergeStream::MergeStream(std::vector<MergeInput> inputs, RowKind kind)
    : inputs_(std::move(inputs)), kind_(kind) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) expect_user(i);
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

/// Goes on to the next user of an input, if there is one.
void MergeStream::expect_user(std::size_t input) {
  UsageFileReader& file = *inputs_[input].file;
  if (file.next_user()) users_.push({prefix_of(file.user()), file.user(), input});
}

/// Brings together the first row of every input that has the next user.
void MergeStream::begin_user() {
  user_ = users_.top().user;
  rows_before_ = 0;
  while (!users_.empty() && users_.top().user == user_) {
    const std::size_t input = users_.top().input;
    users_.pop();
    RowHead head{{}, input};
    if (read_row(input, head.row)) heads_.push(head);
  }
}

/// The user's next row of an input; where there is none left, the input waits at its next user.
bool MergeStream::read_row(std::size_t input, UsageRow& row) {
  if (!inputs_[input].file->next_row(row)) {
    expect_user(input);
    return false;
  }
  row.task = (*inputs_[input].task_of)[row.task];
  return true;
}

/// Merges rows of the user at hand; false where it has no more.
bool MergeStream::refill() {
  while (!heads_.empty() && rows_.size() <= kRowsAtOnce) {
    RowHead head = heads_.top();
    add_up(head.row);
    if (read_row(head.input, head.row)) {
      heads_.replace_top(head);
    } else {
      heads_.pop();
    }
  }
  return !heads_.empty();
}

void MergeStream::add_up(const UsageRow& row) {
  const bool added = kind_ == RowKind::sums && !rows_.empty() && add_if_same_key(rows_.back(), row);
  if (!added) rows_.push_back(row);
}

}  // namespace billing
