#pragma once

// What both forms of the summary are made of.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/bill.h"
#include "billing/job_report.h"

namespace billing {

std::string amount_text(Int128 units, int scale);

/// Without needless zeros at its end.
std::string shortest_amount(Int128 units, int scale);

/// What rounding added up to: the rounded lines less the exact total, with its sign.
std::string rounding_difference(const JobReport& report, int scale);

/// Whether records may have made several events each, so that both are told.
bool has_measures(const JobReport& report);

/// Whether events have times: not where all inputs were read without one.
bool has_times(const JobReport& report);

/// Whether quantities may have been rounded.
bool has_rounding(const JobReport& report);

/// What rounding added up to, in the unit of quantities, with its sign.
std::string rounding_sum(const QuantityRounding& rounding);

/// `request_time:s`, or `input=tokens.in; output=tokens.out` of measures.
std::string quantities_text(const RecordFormat& format);

/// Of a measure that some records lack: `output in 12 of 100 records`.
std::string share_text(const Measure& measure, std::uint64_t records, std::uint64_t all_records);

/// What the lines of a format were taken out of, as in ` in cri (stdout)`; empty for nothing.
std::string wrapper_text(Wrapper wrapper, LogStream stream);
std::string wrapper_text(const RecordFormat& format);

/// What a rate is per: `call`, `ms`, `unit of tokens`.
std::string unit_of_a_rate(const QuantityRules& quantity);

/// `1 call`, `1,234 ms`.
std::string quantity_text(Int128 quantity, const QuantityRules& rules);

/// What is billed of records that have no quantity: `0`. Of a format without measures whose
/// selector ends with a constant.
std::string stand_in_text(const RecordFormat& format);

std::string timestamp_text(std::int64_t time_ns);

/// The time of all passes.
double wall_s(const JobReport& report);

/// The options that made the bill, named as they are typed but for the dashes: none that had no
/// effect.
std::vector<std::pair<std::string, std::string>> effective_options(const BillJob& job,
                                                                   const JobReport& report);

/// The unrated tasks that the report names.
std::vector<std::string_view> unrated_names(const JobReport& report);

}  // namespace billing
