#include "naive/unwrapped_stream.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "naive/ascii.h"
#include "naive/wrapper_line.h"

namespace billing::naive {

UnwrappedStream::UnwrappedStream(std::istream& wrapped, Wrapper wrapper, LogStream stream,
                                 std::uint64_t max_record_bytes)
    : std::istream(static_cast<std::streambuf*>(this)),
      lines_(wrapped, max_record_bytes),
      wrapper_(wrapper),
      stream_(stream),
      max_record_bytes_(max_record_bytes) {
  exceptions(std::ios::badbit);  // rethrows what reading throws
}

UnwrappedStream::Place UnwrappedStream::place_of(std::uint64_t text_at) const {
  return std::prev(places_.upper_bound(text_at))->second;
}

void UnwrappedStream::pass_rejects(const std::function<void(const RejectedRecord&)>& on_reject) {
  for (const Rejected& one : std::exchange(rejects_, {})) {
    if (!on_reject) continue;
    on_reject(make_rejected_record(one.place.line, one.place.offset_bytes, 1, one.reason,
                                   one.record, one.record_bytes));
  }
}

std::streambuf::int_type UnwrappedStream::underflow() {
  next_.clear();
  for (Line line; next_.empty() && !has_ended_;) {
    const std::uint64_t offset_bytes = wrapped_bytes_;
    if (lines_.next(line)) {
      wrapped_bytes_ += line.bytes;
      take(line, {++line_, offset_bytes});
    } else {
      has_ended_ = true;
      take_all_that_is_left();
    }
  }
  if (next_.empty()) return std::streambuf::traits_type::eof();
  text_bytes_ += next_.size();
  setg(next_.data(), next_.data(), next_.data() + next_.size());
  return std::streambuf::traits_type::to_int_type(next_[0]);
}

void UnwrappedStream::take(const Line& line, Place place) {
  if (line.text_bytes > max_record_bytes_)
    return reject(place, RejectReason::too_long, line.text, line.text_bytes);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  std::string_view text = line.text;
  if (place.line == 1 && text.starts_with(kByteOrderMark))
    text.remove_prefix(kByteOrderMark.size());
  if (trimmed(text).empty()) {
    ++blanks_;
    return;
  }
  const auto wrapped = parse_wrapped(wrapper_, text);
  if (!wrapped) return reject(place, RejectReason::bad_record, line.text, line.text_bytes);
  const bool has_streams = wrapper_ == Wrapper::docker || wrapper_ == Wrapper::cri;
  const LogStream from = wrapped->is_error ? LogStream::err : LogStream::out;
  if (has_streams && stream_ != LogStream::all && from != stream_) {
    ++directives_;
    return;
  }
  Parts& parts = parts_[wrapped->is_error ? 1 : 0];
  if (!parts.is_open) parts = {true, place, ""};
  parts.text += wrapped->text;
  if (wrapped->is_whole) give(parts);
}

/// In the order in which they began.
void UnwrappedStream::take_all_that_is_left() {
  const bool is_swapped = parts_[1].is_open && parts_[1].place.line < parts_[0].place.line;
  for (const std::size_t i : {is_swapped ? 1U : 0U, is_swapped ? 0U : 1U}) {
    if (parts_[i].is_open) give(parts_[i]);
  }
}

void UnwrappedStream::give(Parts& parts) {
  parts.is_open = false;
  const std::uint64_t bytes = parts.text.size() - (parts.text.ends_with('\r') ? 1 : 0);
  if (bytes > max_record_bytes_)
    return reject(parts.place, RejectReason::too_long, parts.text.substr(0, bytes), bytes);
  places_[text_bytes_ + next_.size()] = parts.place;
  next_ += parts.text + "\n";
}

void UnwrappedStream::reject(Place place, RejectReason reason, std::string_view record,
                             std::uint64_t bytes) {
  ++rejected_[static_cast<std::size_t>(reason)];
  rejects_.push_back({place, reason, std::string(record), bytes});
}

}  // namespace billing::naive
