#include "choose/guess_mapping.h"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>

#include "base/lower_case.h"
#include "billing/error.h"
#include "mapping/selector.h"
#include "mapping/time_reader.h"

namespace billing {
namespace {

/// The last name of a path: `request.client_ip` is the client_ip of something.
std::string leaf_of(std::string_view name) { return lower_case(name.substr(name.rfind('.') + 1)); }

/// `account.id` as `account_id`.
std::string joined(std::string_view name) {
  std::string text = lower_case(name);
  std::replace(text.begin(), text.end(), '.', '_');
  return text;
}

/// A name as a selector: in backquotes where a character in it would mean something.
std::string as_selector(const std::string& name) {
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '.' || c == '-';
  });
  const bool is_number = name.find_first_not_of("0123456789.") == std::string::npos;
  return is_plain && !is_number && name != "none" ? name : "`" + name + "`";
}

/// A field that some records have and whose name is one of `words`, the first of them that there
/// is.
const SeenField* find_named(std::span<const std::string_view> words,
                            const std::vector<SeenField>& fields) {
  for (const std::string_view word : words) {
    for (const SeenField& field : fields) {
      const bool is_called_so = leaf_of(field.name) == word || joined(field.name) == word;
      if (field.records > 0 && is_called_so) return &field;
    }
  }
  return nullptr;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
}

std::string guess_time(const std::vector<SeenField>& fields) {
  constexpr std::string_view kTimes[] = {
      "time",           "timestamp",         "@timestamp", "ts",
      "datetime",       "start_time",        "starttime",  "usage_start_time",
      "usagestartdate", "chargeperiodstart", "date"};
  const TimeReader reader("auto", "UTC");
  const auto is_time = [&reader](const SeenField& field) {
    std::int64_t time_ns = 0;
    return reader.read(field.example, time_ns);
  };
  const auto is_usual = [&](const SeenField& field) {
    return find_named(kTimes, {field}) != nullptr;
  };
  const auto sounds_so = [](const SeenField& field) {
    const std::string name = leaf_of(field.name);
    return name.find("time") != std::string::npos || name.find("date") != std::string::npos;
  };
  // Many a number could be a time.
  const auto is_written_so = [](const SeenField& field) { return !is_number(field.example); };
  for (int pass = 0; pass < 3; ++pass) {
    for (const SeenField& field : fields) {
      const bool is_likely = pass == 0   ? is_usual(field)
                             : pass == 1 ? sounds_so(field)
                                         : is_written_so(field);
      if (is_likely && is_time(field)) return as_selector(field.name);
    }
  }
  return {};
}

constexpr std::string_view kUsers[] = {"user",
                                       "user_id",
                                       "userid",
                                       "username",
                                       "user_name",
                                       "customer",
                                       "customer_id",
                                       "customerid",
                                       "tenant",
                                       "tenant_id",
                                       "tenantid",
                                       "account",
                                       "account_id",
                                       "accountid",
                                       "org",
                                       "org_id",
                                       "subject",
                                       "api_key",
                                       "subaccountid",
                                       "usageaccountid",
                                       "subscriptionid",
                                       "client",
                                       "client_id",
                                       "clientid",
                                       "clienthost",
                                       "client_ip",
                                       "clientip",
                                       "remote_addr",
                                       "remote_ip",
                                       "c-ip",
                                       "ip"};

/// The users' field, and where many records lack it, the next that they may have.
std::string guess_user(const std::vector<SeenField>& fields) {
  std::uint64_t records = 0;
  for (const SeenField& field : fields) records = std::max(records, field.records);
  std::string selector;
  for (const std::string_view word : kUsers) {
    const SeenField* const field = find_named({&word, 1}, fields);
    if (field == nullptr) continue;
    selector += (selector.empty() ? "" : ",") + as_selector(field->name);
    if (field->records * 2 > records) break;
  }
  return selector;
}

constexpr std::string_view kTasks[] = {"task",      "endpoint",    "route", "operation",   "action",
                                       "op",        "method_name", "event", "type",        "path",
                                       "uri",       "cs-uri-stem", "url",   "requestpath", "model",
                                       "usagetype", "servicename", "msg",   "message"};
constexpr std::string_view kStatuses[] = {"status",           "status_code",        "statuscode",
                                          "http_status",      "response_code",      "sc-status",
                                          "downstreamstatus", "edgeresponsestatus", "code"};

/// Quantities whose name tells their unit.
struct QuantityName {
  std::string_view ending;
  std::string_view unit;
};
constexpr QuantityName kQuantities[] = {{"_ms", "ms"},     {"_ns", "ns"},  {"_us", "us"},
                                        {"_seconds", "s"}, {"_secs", "s"}, {"_bytes", "B"}};

std::string guess_quantity(const std::vector<SeenField>& fields) {
  for (const QuantityName& row : kQuantities) {
    for (const SeenField& field : fields) {
      if (leaf_of(field.name).ends_with(row.ending) && is_number(field.example))
        return as_selector(field.name) + ":" + std::string(row.unit);
    }
  }
  constexpr std::string_view kAmounts[] = {"quantity", "consumedquantity", "usagequantity",
                                           "usageamount", "amount"};
  const SeenField* const amount = find_named(kAmounts, fields);
  return amount != nullptr && is_number(amount->example) ? as_selector(amount->name) : "1";
}

/// A field called `status` may as well hold words of an application, such as `Pending`.
bool holds_status(const SeenField& field) {
  constexpr std::size_t kStatusDigits = 3;
  return field.example == "-" ||
         (field.example.size() == kStatusDigits && is_number(field.example));
}

std::string guess_status(const std::vector<SeenField>& fields) {
  const SeenField* const found = find_named(kStatuses, fields);
  return found != nullptr && holds_status(*found) ? as_selector(found->name) : std::string();
}

/// Whether the selector is one of these fields and nothing else, and its example is no status.
bool is_no_status(const std::string& selector, const std::vector<SeenField>& fields) {
  return std::any_of(fields.begin(), fields.end(), [&selector](const SeenField& field) {
    return as_selector(field.name) == selector && !holds_status(field);
  });
}

std::string guess_task(const std::vector<SeenField>& fields) {
  const SeenField* const found = find_named(kTasks, fields);
  if (found == nullptr) return {};
  constexpr std::string_view kMethods[] = {"method", "request_method", "requestmethod"};
  const SeenField* const method = find_named(kMethods, fields);
  const std::string leaf = leaf_of(found->name);
  const bool is_path = leaf == "path" || leaf == "uri" || leaf == "url" || leaf == "requestpath";
  if (is_path && method != nullptr) return "${" + method->name + "} ${" + found->name + "}";
  return as_selector(found->name);
}

}  // namespace

bool is_met(std::string_view setting, const std::string& selector,
            const std::vector<SeenField>& fields) {
  if (selector.empty()) return false;
  FieldList asked;
  try {
    const SelectorUse use = setting == "time"       ? SelectorUse::time
                            : setting == "quantity" ? SelectorUse::quantity
                                                    : SelectorUse::user;
    const Selector parsed = parse_selector(setting, selector, use, asked);
    const auto is_constant = [](const Alternative& one) {
      return one.kind == Alternative::Kind::constant;
    };
    if (parsed.is_none ||
        std::any_of(parsed.alternatives.begin(), parsed.alternatives.end(), is_constant))
      return true;
  } catch (const Error&) {
    return false;
  }
  return std::any_of(asked.names().begin(), asked.names().end(), [&](const FieldName& name) {
    return std::any_of(fields.begin(), fields.end(), [&](const SeenField& field) {
      // A pointer may lead into what is not listed, such as an array.
      return field.name == name.name || name.name.starts_with('/');
    });
  });
}

FieldMapping guess_mapping(const FieldMapping& mapping, const std::vector<SeenField>& fields) {
  FieldMapping guess = mapping;
  const auto lacks = [&fields](std::string_view setting, const std::string& selector) {
    return selector == "none" || !is_met(setting, selector, fields);
  };
  if (!is_met("time", mapping.time, fields)) guess.time = guess_time(fields);
  if (!is_met("user", mapping.user, fields)) guess.user = guess_user(fields);
  if (lacks("task", mapping.task)) guess.task = guess_task(fields);
  if (lacks("status", mapping.status)) {
    guess.status = guess_status(fields);
  } else if (is_no_status(mapping.status, fields)) {
    guess.status = "none";
  }
  if (!is_met("quantity", mapping.quantity, fields)) guess.quantity = guess_quantity(fields);
  return guess;
}

}  // namespace billing
