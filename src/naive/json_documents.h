#pragma once

// Objects of JSON that are no lines: in an array, or one after the other over several lines.

#include <cstdint>
#include <istream>
#include <string>

#include "billing/record_format.h"
#include "naive/record_stream.h"

namespace billing::naive {

/// For one thread. A record is the text from its `{` to the bracket that closes it; the bytes
/// between records belong to the one before.
class JsonDocuments {
 public:
  /// See RecordStream.
  JsonDocuments(std::istream& stream, JsonLayout layout, std::uint64_t max_bytes);

  /// False behind the last record. The text is valid until the next call. A record that is broken
  /// by what stands around it is_broken; it is the last one.
  bool next(RawRecord& record);

  /// The record at hand is broken in itself: the rest of the input belongs to it.
  void stop();

  /// That were read.
  std::uint64_t bytes() const { return bytes_; }

 private:
  /// What may come next, besides blanks.
  enum class Expected : std::uint8_t { array, first, object, comma, object_or_end, nothing };

  bool is_at_record();
  void read_object(RawRecord& record);
  void read_garbage(RawRecord& record);
  bool take(char& c);

  std::istream& stream_;
  JsonLayout layout_;
  std::uint64_t kept_bytes_;
  Expected expected_;
  std::string text_;
  std::uint64_t bytes_ = 0;
  std::uint64_t line_ = 1;
  bool is_at_end_ = false;
};

}  // namespace billing::naive
