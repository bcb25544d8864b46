#pragma once

// A wrapped log as a std::istream of what its program wrote, a line at a time.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <streambuf>
#include <string>
#include <vector>

#include "billing/record_format.h"
#include "billing/rejected_record.h"
#include "naive/line_reader.h"

namespace billing::naive {

/// For one thread.
class UnwrappedStream : private std::streambuf, public std::istream {
 public:
  /// Where a line of the text comes from; of one in parts, where the first part does.
  struct Place {
    std::uint64_t line = 0;
    std::uint64_t offset_bytes = 0;
  };

  /// `wrapped` must outlive it.
  UnwrappedStream(std::istream& wrapped, Wrapper wrapper, LogStream stream,
                  std::uint64_t max_record_bytes);

  /// Of the line of the text that holds its byte `text_at`, which was read.
  Place place_of(std::uint64_t text_at) const;

  /// Hands on the rejects of what was read that are no part of the text: lines that have not the
  /// wrapper's form, and what is too long. Each once.
  void pass_rejects(const std::function<void(const RejectedRecord&)>& on_reject);

  // Of what was read.
  std::uint64_t wrapped_bytes() const { return wrapped_bytes_; }
  std::uint64_t blanks() const { return blanks_; }
  std::uint64_t directives() const { return directives_; }
  const RejectCounts& rejected() const { return rejected_; }

 private:
  struct Parts {
    bool is_open = false;
    Place place;
    std::string text;
  };
  struct Rejected {
    Place place;
    RejectReason reason;
    std::string record;
    std::uint64_t record_bytes;
  };

  std::streambuf::int_type underflow() override;
  void take(const Line& line, Place place);
  void take_all_that_is_left();
  void give(Parts& parts);
  void reject(Place place, RejectReason reason, std::string_view record, std::uint64_t bytes);

  LineReader lines_;
  Wrapper wrapper_;
  LogStream stream_;
  std::uint64_t max_record_bytes_;
  std::uint64_t line_ = 0;
  std::uint64_t wrapped_bytes_ = 0;
  std::uint64_t blanks_ = 0;
  std::uint64_t directives_ = 0;
  RejectCounts rejected_{};
  bool has_ended_ = false;
  std::array<Parts, 2> parts_;  // of stdout, of stderr
  std::vector<Rejected> rejects_;
  std::map<std::uint64_t, Place> places_;  // by where lines begin in the text
  std::uint64_t text_bytes_ = 0;           // given
  std::string next_;                       // text to be given
};

}  // namespace billing::naive
