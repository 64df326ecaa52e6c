#include "explorer/dated_transport.hpp"

#include <utility>

#include "identity/http_signature.hpp"

namespace provision {

namespace {

class dated_transport final : public http_transport {
public:
  dated_transport(std::shared_ptr<http_transport> inner,
                  std::function<void(timestamp)> hear)
    : inner_{std::move(inner)}, hear_{std::move(hear)} {}

  void send(http_request request,
            std::function<void(expected<http_response>)> done) override {
    inner_->send(std::move(request), [hear = hear_, done = std::move(done)](
                                       expected<http_response> got) {
      if (got && got->header("age").empty())
        if (auto said = parse_http_date(got->header("date")))
          hear(*said);
      done(std::move(got));
    });
  }

private:
  std::shared_ptr<http_transport> inner_;
  std::function<void(timestamp)> hear_;
};

} // namespace

std::shared_ptr<http_transport>
hear_dates(std::shared_ptr<http_transport> inner,
           std::function<void(timestamp)> hear) {
  return std::make_shared<dated_transport>(std::move(inner), std::move(hear));
}

} // namespace provision
