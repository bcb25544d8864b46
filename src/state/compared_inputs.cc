#include "state/compared_inputs.h"

#include <algorithm>
#include <numeric>

#include "base/utf8.h"
#include "state/array_file.h"

namespace billing {
namespace {

/// What compressed files are known by, and the log and length that they stand for.
using KnownPacked =
    std::map<std::pair<std::uint64_t, ContentHash>, std::pair<std::size_t, std::uint64_t>>;

KnownPacked known_packed(const std::vector<PartialInput>& logs) {
  KnownPacked known;
  for (std::size_t log = 0; log < logs.size(); ++log) {
    for (const PackedContent& packed : logs[log].seen->packed)
      known.insert({{packed.bytes, packed.hash}, {log, packed.content_bytes}});
  }
  return known;
}

/// The content that a log held when it was so long; nothing where it never was.
std::optional<EarlierContent> content_at(const SeenContent& seen, std::uint64_t bytes) {
  for (std::size_t nth = 0; nth <= seen.earlier.size(); ++nth) {
    if (content_of(seen, nth).bytes == bytes) return content_of(seen, nth);
  }
  return std::nullopt;
}

}  // namespace

ComparedInputs::ComparedInputs(const std::vector<PartialInput>& logs, std::vector<Input>& inputs,
                               const ContentSecret& secret, const std::string& temp_folder,
                               bool may_be_arrays, const std::function<void()>& checkpoint)
    : logs_(logs),
      inputs_(inputs),
      temp_folder_(temp_folder),
      may_be_arrays_(may_be_arrays),
      checkpoint_(checkpoint),
      hasher_(secret, checkpoint),
      is_held_(logs.size()),
      order_(inputs.size()),
      seen_(inputs.size()),
      starts_(inputs.size()),
      is_array_(inputs.size()),
      longest_logs_(inputs.size()),
      first_line_bytes_(inputs.size()),
      packed_(inputs.size()),
      is_known_packed_(inputs.size()),
      unpacked_(inputs.size()) {
  for (std::size_t log = 0; log < logs.size(); ++log) {
    known_.add(log, *logs[log].seen);
    const auto [latest, is_first] = latest_log_.emplace(logs[log].name, log);
    if (!is_first && logs[latest->second].seen->taken_run < logs[log].seen->taken_run)
      latest->second = log;
  }
  for (const Input& input : inputs) {
    if (!input.size_bytes() || input.name() == kStdinName)
      input.fail("\1state wants regular files: it knows them by what they hold");
  }
  unpack_sizes();
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  std::stable_sort(order_.begin(), order_.end(), [this](std::size_t a, std::size_t b) {
    return seen_[a].bytes < seen_[b].bytes;
  });
  for (const std::size_t input : order_) {
    compare(input);
    inputs[input].close();
  }
  find_logs_that_hold_inputs();
  find_heirs();
}

void ComparedInputs::set_record_ends(std::vector<RecordEnds> of_logs,
                                     std::vector<RecordEnds> of_inputs) {
  ends_of_logs_ = std::move(of_logs);
  ends_of_inputs_ = std::move(of_inputs);
  keep_unfinished();
  find_ended_lines();
}

/// How much each input holds. What is compressed and known is not decompressed for that.
void ComparedInputs::unpack_sizes() {
  const KnownPacked known = known_packed(logs_);
  for (std::size_t input = 0; input < inputs_.size(); ++input) {
    const Input& file = inputs_[input];
    SeenContent& seen = seen_[input];
    if (file.compression() == Compression::none) {
      seen.bytes = *file.size_bytes();
      find_array(input);
      continue;
    }
    packed_[input] = packed_content(file, hasher_);
    const auto found = known.find({packed_[input]->bytes, packed_[input]->hash});
    const auto content = found == known.end()
                             ? std::nullopt
                             : content_at(*logs_[found->second.first].seen, found->second.second);
    if (content) {
      const std::size_t log = found->second.first;
      is_known_packed_[input] = true;
      seen.bytes = content->bytes;
      seen.hash = content->hash;
      seen.head = logs_[log].seen->head;
      starts_[input].longest = {log, content->bytes, content->bytes == logs_[log].seen->bytes};
    } else {
      unpack(input);
    }
    file.close();
  }
}

void ComparedInputs::unpack(std::size_t input) {
  auto content =
      std::make_unique<UnpackedContent>(unpacked_content(inputs_[input], hasher_, checkpoint_));
  seen_[input] = content->seen;
  if (may_be_arrays_ && may_begin_array(content->first_bytes)) {
    inputs_[input] = unpacked_input(inputs_[input], temp_folder_, checkpoint_);
    find_array(input);
  } else {
    unpacked_[input] = std::move(content);
  }
  packed_[input]->content_bytes = seen_[input].bytes;
}

/// Who writes an array step by step puts a `]` behind its last element, and the next ones in the
/// place of that.
void ComparedInputs::find_array(std::size_t input) {
  const Input& file = inputs_[input];
  std::uint64_t& bytes = seen_[input].bytes;
  if (!may_be_arrays_ || bytes == 0) return;
  if (begins_array(file, bytes)) {
    is_array_[input] = true;
    bytes = array_end_begin(file, bytes);
  }
  file.close();
}

void ComparedInputs::compare(std::size_t input) {
  SeenContent& seen = seen_[input];
  if (seen.bytes == 0) return;
  const bool is_known = is_known_packed_[input];
  take(input, is_known || unpacked_[input] ? matches_of_packed(input) : matches_of(input));
  find_first_line(input);
  // One stands for all that are equal.
  const Start& start = starts_[input];
  if (start.inner && seen_[*start.inner].bytes == seen.bytes) return;
  known_.add(source_of(input), seen);
  if (!start.longest || start.longest->bytes < seen.bytes) new_.add(source_of(input), seen);
}

/// Finds where the first line that is not blank ends, in what the input begins with of a log.
void ComparedInputs::find_first_line(std::size_t input) {
  const std::optional<Match>& start = starts_[input].longest;
  const Input& file = inputs_[input];
  if (!start || start->bytes == seen_[input].bytes || !has_bytes(input)) return;
  bool is_blank = true;
  for (std::uint64_t at = 0; at < start->bytes;) {
    constexpr std::uint64_t kStepBytes = std::uint64_t{16} << 10;
    const std::string some = file_bytes(file, at, std::min(kStepBytes, start->bytes - at));
    if (some.empty()) return;
    std::string_view bytes = some;
    if (at == 0 && bytes.starts_with(kByteOrderMark)) {
      at += kByteOrderMark.size();
      bytes.remove_prefix(kByteOrderMark.size());
    }
    for (const char c : bytes) {
      ++at;
      is_blank &= c == ' ' || c == '\t' || c == '\r' || c == '\n';
      if (c != '\n' || is_blank) continue;
      first_line_bytes_[input] = at;
      return;
    }
  }
}

/// Also hashes all of the input.
std::vector<ComparedInputs::Match> ComparedInputs::matches_of(std::size_t input) {
  const Input& file = inputs_[input];
  SeenContent& seen = seen_[input];
  hasher_.begin(file.fd(), file.name());
  seen.head = hasher_.of_first(std::min(seen.bytes, kHeadBytes));
  hasher_.begin(file.fd(), file.name());
  std::vector<Match> matches = known_.starts_of(hasher_, seen.bytes);
  seen.hash = hasher_.of_first(seen.bytes);
  return matches;
}

/// Mostly it is new, or all that some log held; then that it was decompressed once is enough.
std::vector<ComparedInputs::Match> ComparedInputs::matches_of_packed(std::size_t input) {
  const std::uint64_t size = seen_[input].bytes;
  std::vector<Match> matches = known_.equal_to(size, seen_[input].hash);
  const bool is_equal = !matches.empty();
  const auto is_input = [this](const Match& match) { return !is_log(match.source); };
  if (std::any_of(matches.begin(), matches.end(), is_input)) return matches;
  // Of a log that is known another input may be a part that is not.
  const KnownContent& others = is_equal ? new_ : known_;
  if (others.is_empty()) return matches;
  const auto begin = [&] {
    hasher_.begin(unpacked_bytes(inputs_[input], checkpoint_), inputs_[input].name());
  };
  const auto end = [&] {
    hasher_.begin(nullptr, inputs_[input].name());  // its reader goes before the input is closed
    rewind(inputs_[input]);
  };
  if (unpacked_[input]) {
    hasher_.begin(bytes_in_memory(unpacked_[input]->first_bytes), inputs_[input].name());
  } else {
    begin();
  }
  const bool may_start = others.may_start(hasher_, size);
  if (!unpacked_[input]) end();
  if (!may_start) return matches;
  begin();
  const std::vector<Match> starts = others.starts_of(hasher_, size);
  end();
  matches.insert(matches.end(), starts.begin(), starts.end());
  if (!is_equal && !matches.empty())
    inputs_[input] = unpacked_input(inputs_[input], temp_folder_, checkpoint_);
  return matches;
}

void ComparedInputs::take(std::size_t input, const std::vector<Match>& matches) {
  Start& start = starts_[input];
  std::optional<Match>& longest_log = longest_logs_[input];
  const auto is_longer = [](const Match& match, const std::optional<Match>& than) {
    return !than || match.bytes > than->bytes;
  };
  for (const Match& match : matches) {
    if (is_longer(match, start.longest)) start.longest = match;
    if (!is_log(match.source)) {
      if (!start.inner || match.bytes > seen_[*start.inner].bytes)
        start.inner = input_of(match.source);
    } else {
      if (is_longer(match, longest_log)) longest_log = match;
      if (match.is_whole) is_held_[match.source] = true;
    }
  }
}

std::uint64_t ComparedInputs::records_in_first(std::size_t input, std::uint64_t bytes) const {
  if (has_bytes(input)) return borders().records_in(0, bytes);
  const UnpackedContent* const content = unpacked_[input].get();
  if (content == nullptr || bytes != content->seen.bytes) return 0;
  return ends_of_inputs_[input].end == RecordEnd::quoted ? content->quoted_records : content->lines;
}

void ComparedInputs::find_logs_that_hold_inputs() {
  for (auto input = order_.rbegin(); input != order_.rend(); ++input) {
    Start& start = starts_[*input];
    const std::optional<Match>& longest_log = longest_logs_[*input];
    const std::uint64_t size = seen_[*input].bytes;
    if (longest_log && longest_log->bytes == size) start.log = longest_log->source;
    if (!start.inner) continue;
    const std::uint64_t held_bytes = start.log ? size : longest_log ? longest_log->bytes : 0;
    if (held_bytes >= seen_[*start.inner].bytes)
      starts_[*start.inner].log = start.log ? start.log : longest_log->source;
  }
}

void ComparedInputs::find_heirs() {
  for (std::size_t input = 0; input < starts_.size(); ++input) {
    const Start& start = starts_[input];
    if (!start.longest || !start.longest->is_whole || start.log) continue;
    if (start.longest->bytes < seen_[input].bytes) heirs_[start.longest->source].push_back(input);
  }
}

/// What is compressed may be a log that is still written to, as far as that was: it ends in half a
/// record then, as any log may, and is looked at as one.
void ComparedInputs::keep_unfinished() {
  for (std::size_t input = 0; input < inputs_.size(); ++input) {
    UnpackedContent* const content = unpacked_[input].get();
    const Start& start = starts_[input];
    if (content == nullptr || has_bytes(input) || content->seen.bytes == 0) continue;
    const bool is_known = start.longest && start.longest->bytes == content->seen.bytes;
    const RecordEnds& ends = ends_of_inputs_[input];
    const bool is_inside = content->ends_quoted && ends.end == RecordEnd::quoted;
    bool ends_record = content->ends_line && !is_inside;
    if (ends.need_walk()) {
      const WalkedContent walked = walked_content(inputs_[input], ends, checkpoint_);
      ends_record = walked.ends_record;
      content->lines = content->quoted_records = walked.records;
    }
    if (is_known || start.log || ends_record) continue;
    inputs_[input] = unpacked_input(inputs_[input], temp_folder_, checkpoint_);
  }
}

void ComparedInputs::find_ended_lines() {
  for (const auto& [source, heirs] : heirs_) find_ended_line(heir_of(source, name_of(source)));
}

/// Where an input ends the last line of what it goes on with, that is known content, too: of it the
/// line is known as it is billed.
void ComparedInputs::find_ended_line(std::size_t input) {
  const Input& file = inputs_[input];
  const std::uint64_t start_bytes = starts_[input].longest->bytes;
  map(input);
  const std::string_view bytes = this->bytes(input);
  const bool is_open = !borders().is_border(start_bytes);
  const std::optional<std::uint64_t> border =
      is_open ? borders().record_end_behind(start_bytes) : std::nullopt;
  const bool ends = border && *border < bytes.size();
  borders_.reset();
  inputs_[input].unmap();
  if (ends) {
    SeenContent& seen = ended_.emplace_back();
    seen.bytes = seen.taken_bytes = *border;
    hasher_.begin(file.fd(), file.name());
    seen.head = hasher_.of_first(std::min(*border, kHeadBytes));
    seen.hash = hasher_.of_first(*border);
    starts_[input].with_end = EarlierContent{seen.bytes, seen.hash};
    known_.add(source_of(input), seen);
  }
  file.close();
}

const std::string& ComparedInputs::name_of(std::size_t source) const {
  return is_log(source) ? logs_[source].name : input_name(input_of(source));
}

std::size_t ComparedInputs::heir_of(std::size_t source, const std::string& name) const {
  const std::vector<std::size_t>& heirs = heirs_.at(source);
  const auto same_name = std::find_if(heirs.begin(), heirs.end(),
                                      [&](std::size_t heir) { return input_name(heir) == name; });
  return same_name == heirs.end() ? heirs.front() : *same_name;
}

std::optional<std::size_t> ComparedInputs::log_lost_under_name_of(std::size_t input) const {
  const auto latest = latest_log_.find(input_name(input));
  if (latest == latest_log_.end() || is_held_[latest->second]) return std::nullopt;
  return latest->second;
}

std::vector<std::size_t> ComparedInputs::with_head_of(std::size_t input) const {
  return known_.with_head(seen_[input].head);
}

void ComparedInputs::map(std::size_t input) {
  if (!has_bytes(input)) return;
  Input& file = inputs_[input];
  file.map();
  if (*file.size_bytes() > 0 && !file.is_mapped())
    file.fail("cannot be mapped into memory; \1state needs that");
  if (file.is_mapped()) borders_.emplace(ends_of_inputs_[input], bytes(input));
}

void ComparedInputs::unmap(std::size_t input) {
  if (!has_bytes(input)) return;
  borders_.reset();
  inputs_[input].unmap();
  inputs_[input].close();
}

std::vector<ComparedInputs::Match> ComparedInputs::starts_at(std::size_t input,
                                                             std::uint64_t at_bytes) {
  const Input& file = inputs_[input];
  hasher_.begin(file.fd(), file.name(), at_bytes);
  return known_.starts_of(hasher_, seen_[input].bytes - at_bytes);
}

}  // namespace billing
