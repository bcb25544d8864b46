#include "naive/web_derived.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>

#include "base/device_words.h"
#include "base/lower_case.h"
#include "naive/ascii.h"
#include "naive/web_fields.h"

namespace billing::naive {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

using Text = std::optional<std::string>;

struct RequestLine {
  std::string_view method;
  std::string_view target;
  std::string_view protocol;
};

/// `GET /a HTTP/1.1`
std::optional<RequestLine> parse_request(std::string_view text) {
  if (std::count(text.begin(), text.end(), ' ') != 2) return std::nullopt;
  const std::size_t first = text.find(' ');
  const std::size_t second = text.rfind(' ');
  const RequestLine line{text.substr(0, first), text.substr(first + 1, second - first - 1),
                         text.substr(second + 1)};
  const auto is_of_method = [](char c) {
    return is_letter(c) || is_digit(c) || c == '-' || c == '_';
  };
  constexpr std::size_t kLongestMethod = 32;
  if (line.method.empty() || line.method.size() > kLongestMethod) return std::nullopt;
  if (!std::all_of(line.method.begin(), line.method.end(), is_of_method)) return std::nullopt;
  if (line.target.empty() || !line.protocol.starts_with("HTTP/")) return std::nullopt;
  return line;
}

/// Up to the query; of an absolute target what follows the host.
std::string path_of(std::string_view target) {
  std::string_view path = target.substr(0, target.find_first_of("?#"));
  const std::size_t host = path.find("://");
  const auto is_of_scheme = [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  };
  const std::string_view scheme = path.substr(0, host);
  if (host == kNowhere || host == 0 || !std::all_of(scheme.begin(), scheme.end(), is_of_scheme)) {
    return std::string(path);
  }
  const std::size_t slash = path.find('/', host + 3);
  return slash == kNowhere ? "/" : std::string(path.substr(slash));
}

Text query_of(std::string_view target) {
  const std::string_view before = target.substr(0, target.find('#'));
  const std::size_t mark = before.find('?');
  if (mark == kNowhere) return std::nullopt;
  return std::string(before.substr(mark + 1));
}

/// Behind the last dot of the last segment.
Text extension_of(std::string_view path) {
  const std::string_view segment = path.substr(path.rfind('/') + 1);
  const std::size_t dot = segment.rfind('.');
  if (dot == kNowhere) return std::nullopt;
  const std::string_view extension = segment.substr(dot + 1);
  constexpr std::size_t kLongest = 8;
  const bool is_plain = std::all_of(extension.begin(), extension.end(),
                                    [](char c) { return is_letter(c) || is_digit(c); });
  if (extension.empty() || extension.size() > kLongest || !is_plain) return std::nullopt;
  return lower_case(extension);
}

Text status_class_of(std::string_view status) {
  if (!looks_like(status, "000") || status.front() == '0') return std::nullopt;
  return std::string(1, status.front()) + "xx";
}

/// `192.0.2.1:80`, `[2001:db8::1]:80`, or an address alone, which has two colons or none.
Text address_of(std::string_view text) {
  if (text.starts_with('[')) return std::string(text.substr(1, text.find(']') - 1));
  const bool has_port = std::count(text.begin(), text.end(), ':') == 1;
  return std::string(has_port ? text.substr(0, text.find(':')) : text);
}

/// Of a load balancer's `address:port`, whatever the address is.
Text address_without_last_port(std::string_view text) {
  const std::size_t end = text.starts_with('[') ? kNowhere : text.rfind(':');
  return end == kNowhere ? address_of(text) : std::string(text.substr(0, end));
}

Text host_of(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == kNowhere) return std::nullopt;
  std::string_view host = url.substr(begin + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  host = host.substr(host.rfind('@') + 1);
  const std::size_t end = host.starts_with('[') ? host.find(']') + 1 : host.find(':');
  host = host.substr(0, end);
  return lower_case(host);
}

Text device_of(std::string_view agent) {
  for (const auto& [word, device] : kDeviceWords) {
    if (agent.find(word) != kNowhere) return std::string(device);
  }
  return std::string(kOtherDevice);
}

Text is_bot(std::string_view agent) { return device_of(agent) == kBotDevice ? "true" : "false"; }

Text whole(std::string_view text) { return std::string(text); }
Text target_path(std::string_view target) { return path_of(target); }
Text request_method(std::string_view text) {
  const auto line = parse_request(text);
  return line ? Text(line->method) : std::nullopt;
}
Text request_target(std::string_view text) {
  const auto line = parse_request(text);
  return line ? Text(line->target) : std::nullopt;
}
Text request_protocol(std::string_view text) {
  const auto line = parse_request(text);
  return line ? Text(line->protocol) : std::nullopt;
}
Text request_path(std::string_view text) {
  const auto target = request_target(text);
  return target ? Text(path_of(*target)) : std::nullopt;
}
Text request_query(std::string_view text) {
  const auto target = request_target(text);
  return target ? query_of(*target) : std::nullopt;
}
Text request_extension(std::string_view text) {
  const auto path = request_path(text);
  return path ? extension_of(*path) : std::nullopt;
}
Text target_extension(std::string_view target) { return extension_of(path_of(target)); }

/// How a field is made of one of the definition; the first that is defined counts.
struct Derivation {
  std::string_view name;
  std::string_view source;
  Text (*derive)(std::string_view text);
};
constexpr std::array kDerivations{
    Derivation{"method", "request", request_method},
    Derivation{"method", "request_method", whole},
    Derivation{"request_method", "request", request_method},
    Derivation{"target", "request", request_target},
    Derivation{"target", "request_uri", whole},
    Derivation{"path", "request", request_path},
    Derivation{"path", "request_uri", target_path},
    Derivation{"path", "uri", target_path},
    Derivation{"uri", "request", request_path},
    Derivation{"uri", "request_uri", target_path},
    Derivation{"request_uri", "request", request_target},
    Derivation{"server_protocol", "request", request_protocol},
    Derivation{"query", "request", request_query},
    Derivation{"query", "request_uri", query_of},
    Derivation{"extension", "path", extension_of},
    Derivation{"extension", "request", request_extension},
    Derivation{"extension", "request_uri", target_extension},
    Derivation{"extension", "uri", target_extension},
    Derivation{"protocol", "request", request_protocol},
    Derivation{"protocol", "server_protocol", whole},
    Derivation{"status_class", "status", status_class_of},
    Derivation{"ip", "client", address_without_last_port},
    Derivation{"ip", "remote_addr", address_of},
    Derivation{"referer_host", "http_referer", host_of},
    Derivation{"user_agent", "http_user_agent", whole},
    Derivation{"device", "http_user_agent", device_of},
    Derivation{"is_bot", "http_user_agent", is_bot},
};

}  // namespace

bool is_derived_of_time(std::string_view name) { return name == "date" || name == "hour"; }

std::optional<std::string> derivation_source(
    std::string_view name, const std::function<bool(std::string_view source)>& is_known) {
  for (const Derivation& each : kDerivations) {
    if (each.name == name && is_known(each.source)) return std::string(each.source);
  }
  return std::nullopt;
}

Value derive_web_field(std::string_view name, std::string_view source, const Value& value) {
  Value derived{Value::Kind::missing, "", value.column};
  if (value.kind != Value::Kind::text || value.text.empty()) return derived;
  for (const Derivation& each : kDerivations) {
    if (each.name != name || each.source != source) continue;
    if (const Text text = each.derive(value.text)) {
      derived = {Value::Kind::text, *text, value.column};
    }
    break;
  }
  return derived;
}

}  // namespace billing::naive
