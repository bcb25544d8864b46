#include "wrappers/unwrapper.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "base/utf8.h"
#include "billing/rejected_record.h"

namespace billing {
namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

void reject(const LinePlace& place, RejectReason reason, std::string_view record,
            std::uint64_t record_bytes, UnwrappedText& out) {
  out.rejects.push_back({{out.text.size(), place.line, place.offset_bytes},
                         reason,
                         std::string(record.substr(0, kMaxKeptRecordBytes)),
                         record_bytes});
}

void append_line(const LinePlace& place, std::string_view text, UnwrappedText& out) {
  out.places.push_back({out.text.size(), place.line, place.offset_bytes});
  out.text += text;
  out.text += '\n';
}

}  // namespace

const LinePlace& UnwrappedText::place_of(std::uint64_t text_at) const {
  const auto next =
      std::upper_bound(places.begin(), places.end(), text_at,
                       [](std::uint64_t at, const LinePlace& place) { return at < place.text_at; });
  return *std::prev(next);
}

void UnwrappedText::split(std::size_t end, std::uint64_t rejects_end, UnwrappedText& front) {
  // What the front has of memory is used anew for the rest.
  std::swap(*this, front);
  const auto first_place =
      std::partition_point(front.places.begin(), front.places.end(),
                           [end](const LinePlace& place) { return place.text_at < end; });
  const auto first_reject = std::partition_point(
      front.rejects.begin(), front.rejects.end(),
      [rejects_end](const RejectedLine& one) { return one.place.text_at < rejects_end; });
  text.assign(front.text, end);
  places.clear();
  // Text within a log, behind a line end, comes from the same line of the input.
  const bool is_within = !text.empty() && first_place != front.places.begin() &&
                         (first_place == front.places.end() || first_place->text_at > end);
  if (is_within) places.push_back(*std::prev(first_place));
  places.insert(places.end(), first_place, front.places.end());
  for (LinePlace& place : places) place.text_at -= std::min<std::uint64_t>(place.text_at, end);
  rejects.assign(std::make_move_iterator(first_reject),
                 std::make_move_iterator(front.rejects.end()));
  for (RejectedLine& one : rejects)
    one.place.text_at -= std::min<std::uint64_t>(one.place.text_at, end);
  wrapped_bytes = blanks = directives = 0;
  front.places.erase(first_place, front.places.end());
  front.rejects.erase(first_reject, front.rejects.end());
  front.text.resize(end);
}

Unwrapper::Unwrapper(Wrapper wrapper, LogStream stream, std::uint64_t max_record_bytes,
                     std::uint64_t first_byte)
    : reader_(wrapper),
      stream_(has_streams(wrapper) ? stream : LogStream::all),
      max_record_bytes_(max_record_bytes),
      offset_bytes_(first_byte) {}

void Unwrapper::add(std::string_view lines, UnwrappedText& out) {
  while (!lines.empty()) {
    const std::size_t newline = lines.find('\n');
    const bool has_end = newline != std::string_view::npos;
    const std::size_t bytes = has_end ? newline + 1 : lines.size();
    add_line(lines.substr(0, has_end ? newline : bytes), bytes, out);
    lines.remove_prefix(bytes);
  }
}

void Unwrapper::add_line(std::string_view line, std::uint64_t bytes, UnwrappedText& out) {
  const LinePlace place{0, ++line_, offset_bytes_};
  offset_bytes_ += bytes;
  out.wrapped_bytes += bytes;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > max_record_bytes_)
    return reject(place, RejectReason::too_long, line, line.size(), out);
  std::string_view wrapped = line;
  if (place.offset_bytes == 0 && wrapped.starts_with(kByteOrderMark))
    wrapped.remove_prefix(kByteOrderMark.size());
  if (is_blank(wrapped)) {
    ++out.blanks;
    return;
  }
  WrappedLine found;
  if (!reader_.read(wrapped, found))
    return reject(place, RejectReason::bad_record, line, line.size(), out);
  if (stream_ != LogStream::all && found.is_error != (stream_ == LogStream::err)) {
    ++out.directives;
    return;
  }
  Pending& pending = pending_[found.is_error ? 1 : 0];
  if (!pending.is_open && found.is_whole) return append_line(place, found.text, out);
  if (!std::exchange(pending.is_open, true)) pending.place = place;
  append(pending, found.text);
  if (found.is_whole) complete(pending, out);
}

void Unwrapper::add_cut(std::string_view kept, const CutRecord& cut, UnwrappedText& out) {
  const LinePlace place{0, ++line_, offset_bytes_};
  offset_bytes_ += cut.bytes;
  out.wrapped_bytes += cut.bytes;
  reject(place, RejectReason::too_long, kept, cut.record_bytes, out);
}

void Unwrapper::append(Pending& pending, std::string_view text) const {
  // With a CR that may turn out to be the end's.
  const std::uint64_t most = std::max<std::uint64_t>(max_record_bytes_ + 1, kMaxKeptRecordBytes);
  pending.text += text.substr(0, most - pending.text.size());
  pending.bytes += text.size();
  if (!text.empty()) pending.last = text.back();
}

void Unwrapper::complete(Pending& pending, UnwrappedText& out) const {
  const std::uint64_t record_bytes =
      pending.bytes - (pending.bytes > 0 && pending.last == '\r' ? 1 : 0);
  const std::string_view text = pending.text;
  if (record_bytes > max_record_bytes_) {
    reject(pending.place, RejectReason::too_long, text.substr(0, record_bytes), record_bytes, out);
  } else {
    append_line(pending.place, text, out);
  }
  const std::size_t large = kMaxKeptRecordBytes;
  if (pending.text.capacity() > large) pending.text = {};
  pending = {false, {}, std::move(pending.text), 0, '\0'};
  pending.text.clear();
}

void Unwrapper::finish(UnwrappedText& out) {
  Pending* first = &pending_[0];
  Pending* second = &pending_[1];
  if (second->is_open && (!first->is_open || second->place.line < first->place.line))
    std::swap(first, second);
  for (Pending* const pending : {first, second}) {
    if (pending->is_open) complete(*pending, out);
  }
}

UnwrappedText unwrapped(Wrapper wrapper, LogStream stream, std::string_view bytes, bool is_whole,
                        std::uint64_t max_record_bytes) {
  if (!is_whole) {
    const std::size_t newline = bytes.rfind('\n');
    bytes = bytes.substr(0, newline == std::string_view::npos ? 0 : newline + 1);
  }
  UnwrappedText text;
  Unwrapper unwrapper(wrapper, stream, max_record_bytes);
  unwrapper.add(bytes, text);
  if (is_whole) unwrapper.finish(text);
  return text;
}

}  // namespace billing
