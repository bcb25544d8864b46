#include "partials/input_blocks.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"

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
  PartialInput input;
  try {
    input = read_input_head(*bytes, earlier_left_);
  } catch (const Error& error) {
    items_.fail(error.message());
  }
  if (bytes->failed()) items_.fail("an input is invalid");
  if (input.seen && input.piece) items_.fail("an input of a state is a piece of one");
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

void InputList::add(PartialInput input) {
  totals_ += input.totals;
  if (!input.piece) return keep(input);
  pieces_bytes_ += sizeof(PartialInput) + input.name.size();
  pieces_.push_back(std::move(input));
}

void InputOverlaps::add(const PartialInput& input) {
  if (!input.piece || input.totals.bytes == 0) return;
  constexpr std::size_t kNodeBytes = 64;  // of a map, beside what is kept in it
  const std::uint64_t begin_bytes = input.piece->begin_bytes;
  const std::uint64_t end_bytes = begin_bytes + input.totals.bytes;
  const auto [named, is_new] = pieces_.try_emplace(input.name);
  if (is_new) memory_bytes_ += sizeof(*named) + kNodeBytes + input.name.size();
  Ends& ends = named->second;
  const auto next = ends.lower_bound(begin_bytes);
  if (next != ends.end() && next->first < end_bytes)
    tell(input.name, next->first, std::min(next->second, end_bytes));
  if (next != ends.begin() && std::prev(next)->second > begin_bytes)
    tell(input.name, begin_bytes, std::min(std::prev(next)->second, end_bytes));
  const auto [piece, is_first] = ends.try_emplace(begin_bytes, end_bytes);
  if (is_first) memory_bytes_ += sizeof(*piece) + kNodeBytes;
  piece->second = std::max(piece->second, end_bytes);
}

void InputOverlaps::compare(const PartialInput& input) {
  if (input.piece) return;
  const auto named = pieces_.find(input.name);
  if (named == pieces_.end()) return;
  const auto& [begin_bytes, end_bytes] = *named->second.begin();
  if (begin_bytes < input.totals.bytes)
    tell(input.name, begin_bytes, std::min(end_bytes, input.totals.bytes));
}

void InputOverlaps::tell(const std::string& name, std::uint64_t begin_bytes,
                         std::uint64_t end_bytes) {
  if (!found_.empty()) return;
  found_ = "bytes " + grouped(begin_bytes) + " to " + grouped(end_bytes) + " of " +
           quoted_text(name) + " stand in several inputs of these partials";
}

/// Pieces of an input that follow each other become one, or the whole input where none is missing.
void InputList::join_pieces() {
  const auto key = [](const PartialInput& input) {
    return std::tuple(std::string_view(input.name), input.piece->begin_bytes, input.totals.bytes,
                      input.piece->is_last);
  };
  const auto written = [](const PartialInput& input) {
    std::string head;
    append_input_head(head, input, 0);
    return head;
  };
  std::sort(pieces_.begin(), pieces_.end(), [&](const PartialInput& a, const PartialInput& b) {
    return key(a) != key(b) ? key(a) < key(b) : written(a) < written(b);
  });
  std::vector<PartialInput> joined;
  std::multimap<std::uint64_t, std::size_t> open_at;  // those of a name that go on there
  for (PartialInput& piece : pieces_) {
    if (joined.empty() || joined.back().name != piece.name) open_at.clear();
    const std::uint64_t end_bytes = piece.piece->begin_bytes + piece.totals.bytes;
    const bool goes_on = !piece.piece->is_last;
    std::size_t place = joined.size();
    if (const auto before = open_at.find(piece.piece->begin_bytes); before != open_at.end()) {
      place = before->second;
      open_at.erase(before);
      joined[place].totals += piece.totals;
      joined[place].piece->is_last = !goes_on;
    } else {
      joined.push_back(std::move(piece));
    }
    if (goes_on) open_at.emplace(end_bytes, place);
  }
  pieces_.clear();
  for (PartialInput& input : joined) {
    if (input.piece == InputPiece{0, true}) input.piece.reset();
    keep(input);
  }
}

void InputList::keep(const PartialInput& input) {
  Place place{bytes_.size(), 0, 0};
  if (input.seen) place.earlier = static_cast<std::uint32_t>(input.seen->earlier.size());
  append_input_head(bytes_, input, place.earlier);
  place.head_bytes = static_cast<std::uint32_t>(bytes_.size() - place.begin);
  if (input.seen) {
    for (const EarlierContent& content : input.seen->earlier) append_earlier(bytes_, content);
  }
  inputs_.push_back(place);
}

std::vector<std::uint32_t> InputList::write(UsageFileWriter& file) {
  join_pieces();
  std::vector<std::uint32_t> order(inputs_.size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return comes_before(head(inputs_[a]), head(inputs_[b]));
  });
  for (const std::uint32_t input : order) {
    const Place& place = inputs_[input];
    file.write_item(BlockKind::inputs, head(place));
    ByteReader rest(std::string_view(bytes_).substr(place.begin + place.head_bytes));
    for (std::uint32_t i = 0; i < place.earlier; ++i) {
      std::string content;
      append_earlier(content, read_earlier(rest));
      file.write_item(BlockKind::inputs, content);
    }
  }
  std::vector<std::uint32_t> places(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) places[order[i]] = static_cast<std::uint32_t>(i);
  return places;
}

InputList InputList::with_totals(
    const std::function<void(std::size_t, InputTotals&)>& change) const {
  InputList changed;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    ByteReader bytes(head(inputs_[i]));
    std::uint64_t earlier_count = 0;
    PartialInput input = read_input_head(bytes, earlier_count);
    change(i, input.totals);
    changed.add(std::move(input));
  }
  return changed;
}

std::size_t InputList::memory_bytes() const {
  return bytes_.capacity() + inputs_.capacity() * sizeof(Place) + 2 * pieces_bytes_;
}

}  // namespace billing
