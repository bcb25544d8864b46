#include "partials/input_blocks.h"

#include <algorithm>
#include <utility>

namespace billing {
namespace {

/// The order of inputs in a file: by name, then by the rest of their heads.
bool comes_before(std::string_view head_a, std::string_view head_b) {
  const auto key = [](std::string_view head) {
    ByteReader bytes(head);
    const std::string_view name = bytes.string();
    return std::pair(name, head.substr(head.size() - bytes.left()));
  };
  return key(head_a) < key(head_b);
}

}  // namespace

bool InputReader::next() {
  ByteReader* const bytes = items_.next();
  if (bytes == nullptr) {
    if (earlier_left_ > 0) items_.fail("an input's earlier contents are missing");
    return false;
  }
  PartialInput input = read_input_head(*bytes, earlier_left_);
  if (bytes->failed()) items_.fail("an input is invalid");
  if (input.seen.has_value() != of_state_) {
    items_.fail(
        "its inputs do not fit its header: every input of a state has `seen` fields, and no "
        "other input has");
  }
  input_ = std::move(input);
  earlier_bytes_ = 0;
  scratch_.clear();
  append_input_head(scratch_, input_, earlier_left_);
  if (scratch_ != items_.item()) items_.fail("an input is not in canonical form");
  check_order(items_.item());
  head_ = items_.item();
  any_ = true;
  if (!sum_.add(input_.totals)) items_.fail("the totals of its inputs do not balance");
  return true;
}

void InputReader::check_order(std::string_view head) {
  if (!any_ || comes_before(head_, head)) return;
  // Two logs without a state may have had the same name and the same totals.
  if (head != head_ || of_state_) items_.fail("its inputs are not in order");
}

bool InputReader::next_earlier(EarlierContent& content) {
  if (earlier_left_ == 0) return false;
  ByteReader* const bytes = items_.next();
  if (bytes == nullptr) items_.fail("an input's earlier contents are missing");
  content = read_earlier(*bytes);
  scratch_.clear();
  append_earlier(scratch_, content);
  if (bytes->failed() || scratch_ != items_.item() || content.bytes <= earlier_bytes_ ||
      content.bytes >= input_.seen->bytes)
    items_.fail("an input's earlier contents are invalid");
  earlier_bytes_ = content.bytes;
  --earlier_left_;
  return true;
}

void InputList::add(const PartialInput& input) {
  Place place{bytes_.size(), 0, 0};
  if (input.seen) place.earlier = static_cast<std::uint32_t>(input.seen->earlier.size());
  append_input_head(bytes_, input, place.earlier);
  place.head_bytes = static_cast<std::uint32_t>(bytes_.size() - place.begin);
  if (input.seen) {
    for (const EarlierContent& content : input.seen->earlier) append_earlier(bytes_, content);
  }
  inputs_.push_back(place);
  totals_ += input.totals;
}

void InputList::write(UsageFileWriter& file) {
  std::sort(inputs_.begin(), inputs_.end(),
            [this](const Place& a, const Place& b) { return comes_before(head(a), head(b)); });
  for (const Place& place : inputs_) {
    file.write_item(BlockKind::inputs, head(place));
    ByteReader rest(std::string_view(bytes_).substr(place.begin + place.head_bytes));
    for (std::uint32_t i = 0; i < place.earlier; ++i) {
      std::string content;
      append_earlier(content, read_earlier(rest));
      file.write_item(BlockKind::inputs, content);
    }
  }
}

std::size_t InputList::memory_bytes() const {
  return bytes_.capacity() + inputs_.capacity() * sizeof(Place);
}

}  // namespace billing
