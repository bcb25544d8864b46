#include "formats/web_fields.h"

#include <algorithm>
#include <array>

#include "base/ascii_digit.h"
#include "base/device_words.h"
#include "formats/find_bytes.h"

namespace billing {
namespace {

constexpr DerivedField kDerived[] = {
    {"request_method", Derived::method, "request"},
    {"method", Derived::method, "request"},
    {"method", Derived::as_it_stands, "request_method"},
    {"target", Derived::target, "request"},
    {"target", Derived::as_it_stands, "request_uri"},
    {"request_uri", Derived::target, "request"},
    {"path", Derived::path, "request"},
    {"path", Derived::path, "request_uri", true},
    {"path", Derived::path, "uri", true},
    {"uri", Derived::path, "request"},
    {"uri", Derived::path, "request_uri", true},
    {"query", Derived::query, "request"},
    {"query", Derived::query, "request_uri", true},
    {"protocol", Derived::protocol, "request"},
    {"protocol", Derived::as_it_stands, "server_protocol"},
    {"server_protocol", Derived::protocol, "request"},
    {"extension", Derived::extension, "path", true},
    {"extension", Derived::extension, "request"},
    {"extension", Derived::extension, "request_uri", true},
    {"extension", Derived::extension, "uri", true},
    {"status_class", Derived::status_class, "status"},
    // Load balancers write the port behind the address without brackets around one of IPv6.
    {"ip", Derived::ip_before_port, "client"},
    {"ip", Derived::ip, "remote_addr"},
    {"referer_host", Derived::host, "http_referer"},
    {"user_agent", Derived::as_it_stands, "http_user_agent"},
    {"device", Derived::device, "http_user_agent"},
    {"is_bot", Derived::is_bot, "http_user_agent"},
};

/// Letters, digits, `-` and `_`.
constexpr auto kIsOfMethod = [] {
  std::array<bool, 256> is_of_method{};
  for (unsigned c = 0; c < 256; ++c) {
    is_of_method[c] = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
  }
  return is_of_method;
}();

bool is_method(std::string_view text) {
  constexpr std::size_t kMaxBytes = 32;
  if (text.empty() || text.size() > kMaxBytes) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return kIsOfMethod[static_cast<unsigned char>(c)]; });
}

std::string_view query_of(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

bool is_letter_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string_view lowered(std::string_view text, BatchText& texts) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (std::none_of(text.begin(), text.end(), is_upper)) return text;
  char* const to = texts.reserve(text.size());
  std::transform(text.begin(), text.end(), to,
                 [&](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
  return texts.keep(text.size());
}

std::string_view extension_of(std::string_view path, BatchText& texts) {
  constexpr std::size_t kMaxBytes = 8;
  path.remove_prefix(path.rfind('/') + 1);  // npos + 1 is 0
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view extension = path.substr(dot + 1);
  if (extension.empty() || extension.size() > kMaxBytes ||
      !std::all_of(extension.begin(), extension.end(), is_letter_or_digit))
    return {};
  return lowered(extension, texts);
}

std::string_view status_class_of(std::string_view status) {
  constexpr std::array<std::string_view, 10> kClasses = {"",    "1xx", "2xx", "3xx", "4xx",
                                                         "5xx", "6xx", "7xx", "8xx", "9xx"};
  if (status.size() != 3 || !std::all_of(status.begin(), status.end(), is_digit)) return {};
  return kClasses[static_cast<std::size_t>(status[0] - '0')];
}

/// `192.0.2.1:443`, `[2001:db8::1]:443` and `2001:db8::1` without what is no address.
std::string_view address_of(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  const std::size_t colon = text.find(':');
  const bool has_one =
      colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return has_one ? text.substr(0, colon) : text;
}

/// Of what always has a port: `2001:db8::1:443`.
std::string_view address_before_port(std::string_view text) {
  if (text.starts_with('[')) return address_of(text);
  return text.substr(0, text.rfind(':'));
}

/// Of a URL, without its port.
std::string_view host_of(std::string_view url, BatchText& texts) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::string_view host = url.substr(scheme + 3);
  host = host.substr(0, host.find_first_of("/?#"));
  host.remove_prefix(host.rfind('@') + 1);  // npos + 1 is 0
  host = host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
  return lowered(host, texts);
}

std::string_view device_of(std::string_view agent) {
  for (const DeviceWord& row : kDeviceWords) {
    if (agent.find(row.word) != std::string_view::npos) return row.device;
  }
  return kOtherDevice;
}

}  // namespace

std::span<const DerivedField> derived_fields() { return kDerived; }

void parse_request(std::string_view text, Request& request) {
  request = {};
  const auto find_space = [text](std::size_t from) {
    return from + find_either(text.substr(from), ' ', ' ');
  };
  const std::size_t first = find_space(0);
  if (first == text.size()) return;
  const std::size_t second = find_space(first + 1);
  if (second == text.size() || second == first + 1 || find_space(second + 1) != text.size()) return;
  const std::string_view protocol = text.substr(second + 1);
  if (!is_method(text.substr(0, first)) || !protocol.starts_with("HTTP/")) return;
  request.method = text.substr(0, first);
  request.target = text.substr(first + 1, second - first - 1);
  request.protocol = protocol;
}

bool is_of_request(Derived what) {
  switch (what) {
    case Derived::method:
    case Derived::target:
    case Derived::path:
    case Derived::query:
    case Derived::protocol:
    case Derived::extension:
      return true;
    default:
      return false;
  }
}

std::string_view path_of(std::string_view target) {
  const std::string_view path = target.substr(0, find_either(target, '?', '#'));
  if (path.starts_with('/')) return path;
  const std::size_t host = path.find("://");
  const auto is_of_scheme = [](char c) {
    return is_letter_or_digit(c) || c == '+' || c == '-' || c == '.';
  };
  const std::string_view scheme = path.substr(0, host);
  if (host == std::string_view::npos || scheme.empty() ||
      !std::all_of(scheme.begin(), scheme.end(), is_of_scheme))
    return path;
  const std::size_t slash = path.find('/', host + 3);
  return slash == std::string_view::npos ? "/" : path.substr(slash);
}

std::string_view derive(Derived what, std::string_view source, const Request& request,
                        BatchText& texts) {
  switch (what) {
    case Derived::as_it_stands:
      return source;
    case Derived::method:
      return request.method;
    case Derived::target:
      return request.target;
    case Derived::path:
      return path_of(request.target);
    case Derived::query:
      return query_of(request.target);
    case Derived::protocol:
      return request.protocol;
    case Derived::extension:
      return extension_of(path_of(request.target), texts);
    case Derived::status_class:
      return status_class_of(source);
    case Derived::ip_before_port:
      return address_before_port(source);
    case Derived::ip:
      return address_of(source);
    case Derived::host:
      return host_of(source, texts);
    case Derived::device:
      return device_of(source);
    case Derived::is_bot:
      return device_of(source) == kBotDevice ? "true" : "false";
  }
  return {};
}

}  // namespace billing
