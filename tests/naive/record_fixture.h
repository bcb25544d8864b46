#pragma once

// Inputs of a format as what becomes of their records, one text for each.

#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "base/civil_time.h"
#include "billing/error.h"
#include "billing/record_format.h"
#include "naive/record_reader.h"

namespace billing::naive {

/// `2025-05-02T23:16:50Z|user|task|200|15`, `bad_time@3`, `blank` or `directive`.
inline std::string described(const Item& item) {
  switch (item.kind) {
    case Item::Kind::blank:
      return "blank";
    case Item::Kind::directive:
      return "directive";
    case Item::Kind::filtered:
      return "filtered@" + std::to_string(item.filter);
    case Item::Kind::reject:
      return std::string(reject_reason_name(item.reason)) + '@' + std::to_string(item.column);
    case Item::Kind::event:
      break;
  }
  std::string text;
  for (const MappedEvent& event : item.events) {
    if (!text.empty()) text += "; ";
    append_timestamp(event.time_ns, text);
    text += '|' + event.user + '|' + event.task + '|' + std::to_string(event.status) + '|' +
            std::to_string(event.quantity);
  }
  return text;
}

using Items = std::vector<std::string>;

inline Items read(const RecordFormat& format, const std::string& input,
                  std::uint64_t max_record_bytes = 1 << 20) {
  std::istringstream stream(input);
  RecordReader reader(stream, format, max_record_bytes);
  Items items;
  for (Item item; reader.next(item);) items.push_back(described(item));
  return items;
}

/// Of an input of one record.
inline std::string read_one(const RecordFormat& format, const std::string& input) {
  const Items items = read(format, input);
  return items.size() == 1 ? items[0] : std::to_string(items.size()) + " records";
}

/// What a format is refused with; empty where it is not.
inline std::string refusal(const RecordFormat& format) {
  try {
    read(format, "");
  } catch (const Error& error) {
    return error.kind() == ErrorKind::configuration ? error.what() : "another error";
  }
  return "";
}

inline RecordFormat json_format() {
  RecordFormat format;
  format.name = "json";
  format.family = FormatFamily::json;
  format.mapping = {"time", "user", "task", "status", "quantity"};
  format.quantity = {"units", 0, false};
  return format;
}

inline RecordFormat logfmt_format() {
  RecordFormat format = json_format();
  format.name = "logfmt";
  format.family = FormatFamily::logfmt;
  return format;
}

inline RecordFormat csv_format() {
  RecordFormat format = json_format();
  format.name = "csv";
  format.family = FormatFamily::csv;
  format.has_header = false;
  format.columns = {"time", "user", "task", "status", "quantity"};
  return format;
}

/// One that bills calls to the address or who the client claims to be.
inline RecordFormat web_format(const std::string& definition) {
  RecordFormat format;
  format.name = "combined";
  format.family = FormatFamily::web;
  format.definition = definition;
  format.mapping = {"time_local", "remote_user,remote_addr", "$request_method $path", "status",
                    "1"};
  format.quantity = {"calls", 0, false};
  return format;
}

inline const std::string kCombined =
    "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent "
    "\"$http_referer\" \"$http_user_agent\"";

}  // namespace billing::naive
