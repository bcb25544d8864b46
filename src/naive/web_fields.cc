#include "naive/web_fields.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "naive/ascii.h"
#include "naive/web_derived.h"

namespace billing::naive {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

/// Fields without spaces, where no quotes stand around them.
constexpr std::array<std::string_view, 23> kOneWord{"remote_addr",
                                                    "remote_port",
                                                    "server_addr",
                                                    "server_port",
                                                    "server_name",
                                                    "host",
                                                    "status",
                                                    "body_bytes_sent",
                                                    "bytes_sent",
                                                    "request_length",
                                                    "request_time",
                                                    "connection",
                                                    "connection_requests",
                                                    "msec",
                                                    "time_iso8601",
                                                    "pipe",
                                                    "pid",
                                                    "request_id",
                                                    "remote_logname",
                                                    "realip_remote_addr",
                                                    "scheme",
                                                    "server_protocol",
                                                    "request_method"};

bool is_one_word(std::string_view name) {
  return std::find(kOneWord.begin(), kOneWord.end(), name) != kOneWord.end();
}

/// The first `"` from `begin` on that no backslash escapes.
std::size_t find_quote(std::string_view record, std::size_t begin) {
  for (std::size_t i = begin; i < record.size(); ++i) {
    if (record[i] == '\\') {
      ++i;
    } else if (record[i] == '"') {
      return i;
    }
  }
  return kNowhere;
}

/// Length of the time of that field's form that `text` begins with; 0 where none does.
std::size_t time_bytes(std::string_view field, std::string_view text) {
  if (field == "msec") {
    std::string_view rest = text;
    const bool has_whole = !take_digits(rest).empty();
    if (!has_whole || !looks_like(rest.substr(0, 4), ".000")) return 0;
    return text.size() - rest.size() + 4;
  }
  const bool is_local = field == "time_local";
  for (const char sign : {'+', '-'}) {
    const std::string form = is_local ? std::string("00/AAA/0000:00:00:00 ") + sign + "0000"
                                      : std::string("0000-00-00T00:00:00") + sign + "00:00";
    if (looks_like(text.substr(0, form.size()), form)) return form.size();
  }
  return 0;
}

bool is_time(std::string_view field) {
  return field == "time_local" || field == "time_iso8601" || field == "msec";
}

/// The end of a list of upstream servers: it goes on behind `,` and around ` :`.
std::size_t end_of_upstream(std::string_view record, std::size_t begin, std::string_view literal) {
  std::size_t end = record.find(literal, begin);
  while (end != kNowhere) {
    const std::string_view value = record.substr(begin, end - begin);
    const bool goes_on =
        value.ends_with(',') || value.ends_with(" :") || record.substr(end).starts_with(" : ");
    if (!goes_on) break;
    end = record.find(literal, end + 1);
  }
  return end;
}

}  // namespace

WebFields::WebFields(WebDefinition definition, std::vector<FieldAlias> aliases,
                     std::vector<std::string> missing_words)
    : definition_(std::move(definition)),
      aliases_(std::move(aliases)),
      missing_words_(std::move(missing_words)) {
  for (std::size_t i = 0; i < definition_.fields.size(); ++i) forms_.push_back(form_of(i));
  values_.resize(definition_.fields.size());
}

WebFields::Form WebFields::form_of(std::size_t place) const {
  const auto& fields = definition_.fields;
  const WebField& field = fields[place];
  const std::string& before = place == 0 ? definition_.begin : fields[place - 1].literal;
  if (before.ends_with('"') && field.literal.starts_with('"')) return Form::quoted;
  if (field.name == "remote_user" && place + 1 < fields.size() && is_time(fields[place + 1].name)) {
    return Form::user;
  }
  if (field.name.starts_with("upstream_") && field.literal.starts_with(' ')) return Form::upstream;
  if (field.name == "elapsed") return Form::padded;
  return is_one_word(field.name) ? Form::one_word : Form::plain;
}

std::optional<Flaw> WebFields::decode(std::string_view record, std::uint32_t skipped_bytes) {
  const auto column = [&](std::size_t at) {
    return skipped_bytes + column_of(record, record.substr(at));
  };
  if (!record.starts_with(definition_.begin)) return Flaw{RejectReason::bad_record, column(0)};
  std::size_t at = definition_.begin.size();
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const WebField& field = definition_.fields[i];
    while (forms_[i] == Form::padded && record.substr(at).starts_with(' ')) ++at;
    const std::size_t end = end_of(i, record, at);
    if (end == kNowhere) return Flaw{RejectReason::bad_record, column(at)};
    std::string text(record.substr(at, end - at));
    if (forms_[i] == Form::user && text == "\"\"") text.clear();
    if (field.is_dash_zero && text == "-") text = "0";
    values_[i] = {says_nothing(text) ? Value::Kind::missing : Value::Kind::text, text, column(at)};
    at = end + field.literal.size();
  }
  if (at != record.size()) return Flaw{RejectReason::bad_record, column(at)};
  return std::nullopt;
}

bool WebFields::says_nothing(std::string_view text) const {
  return text == "-" ||
         std::find(missing_words_.begin(), missing_words_.end(), text) != missing_words_.end();
}

/// Where the literal behind the field begins.
std::size_t WebFields::end_of(std::size_t place, std::string_view record, std::size_t begin) const {
  const std::string& literal = definition_.fields[place].literal;
  if (forms_[place] == Form::quoted) {
    const std::size_t quote = find_quote(record, begin);
    if (quote == kNowhere || !record.substr(quote).starts_with(literal)) return kNowhere;
    return quote;
  }
  if (forms_[place] == Form::user) return end_of_user(place, record, begin);
  if (forms_[place] == Form::upstream) return end_of_upstream(record, begin, literal);
  const std::size_t end = literal.empty() ? record.size() : record.find(literal, begin);
  if (end == kNowhere) return kNowhere;
  const std::string_view value = record.substr(begin, end - begin);
  const bool is_word = forms_[place] == Form::one_word || forms_[place] == Form::padded;
  const std::string_view forbidden = is_word ? " \t" : "";
  return value.find_first_of(forbidden) == value.npos ? end : kNowhere;
}

/// The user is what the client claims to be, so it may look like what stands behind it. A quote in
/// it is escaped: the last time before the first quote is the server's.
std::size_t WebFields::end_of_user(std::size_t place, std::string_view record,
                                   std::size_t begin) const {
  const std::string& literal = definition_.fields[place].literal;
  const auto ends_at = [&](std::size_t at) {
    return record.substr(at).starts_with(literal) &&
           is_time_at(place + 1, record, at + literal.size());
  };
  constexpr std::string_view kEmpty = "\"\"";  // as Apache writes it
  if (record.substr(begin).starts_with(kEmpty) && ends_at(begin + kEmpty.size())) {
    return begin + kEmpty.size();
  }
  const bool has_quote = has_quote_behind(place + 1);
  const std::size_t last = has_quote ? find_quote(record, begin) : record.size();
  std::size_t end = kNowhere;
  for (std::size_t at = begin; at < std::min(last, record.size()); ++at) {
    if (!ends_at(at)) continue;
    end = at;
    if (!has_quote) break;
  }
  return end;
}

/// Whether a time stands there, and the literal behind it.
bool WebFields::is_time_at(std::size_t place, std::string_view record, std::size_t begin) const {
  const WebField& field = definition_.fields[place];
  if (begin > record.size()) return false;
  const std::size_t bytes = time_bytes(field.name, record.substr(begin));
  if (bytes == 0) return false;
  const std::string_view behind = record.substr(begin + bytes);
  return field.literal.empty() ? behind.empty() : behind.starts_with(field.literal);
}

/// Whether the definition has a quote behind that field.
bool WebFields::has_quote_behind(std::size_t place) const {
  return std::any_of(
      definition_.fields.begin() + static_cast<std::ptrdiff_t>(place), definition_.fields.end(),
      [](const WebField& field) { return field.literal.find('"') != std::string::npos; });
}

const WebField* WebFields::defined(std::string_view name) const {
  for (const WebField& field : definition_.fields) {
    if (field.name == name || (!field.directive.empty() && field.directive == name)) return &field;
  }
  for (const FieldAlias& alias : aliases_) {
    if (alias.name == name && alias.field != name) return defined(alias.field);
  }
  return nullptr;
}

bool WebFields::is_defined(std::string_view name) const { return defined(name) != nullptr; }

bool WebFields::has(const FieldName& name) const {
  const auto knows = [this](std::string_view source) { return is_defined(source); };
  return is_defined(name.name) || is_derived_of_time(name.name) ||
         derivation_source(name.name, knows).has_value();
}

std::vector<std::string> WebFields::names() const {
  std::vector<std::string> names;
  for (const WebField& field : definition_.fields) names.push_back(field.name);
  return names;
}

std::string WebFields::unit_of(const FieldName& name) const {
  const WebField* const field = defined(name.name);
  return field ? field->unit : "";
}

Value WebFields::find(const FieldName& name) const {
  if (const WebField* const field = defined(name.name)) {
    return values_[static_cast<std::size_t>(field - definition_.fields.data())];
  }
  const auto knows = [this](std::string_view source) { return is_defined(source); };
  const auto source = derivation_source(name.name, knows);
  return source ? derive_web_field(name.name, *source, find({*source})) : Value{};
}

}  // namespace billing::naive
