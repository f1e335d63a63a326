# frozen_string_literal: true

# Runs `planche html` on the generated pages. In _config.yml, `planche: { html: false }` turns it
# off.
Jekyll::Hooks.register :site, :post_write do |site|
  program = ENV.fetch("PLANCHE")
  settings = site.config["planche"]
  next if program == "off" || (settings.is_a?(Hash) && settings["html"] == false)

  unless system(program, "html", "--quiet", site.dest, site.source)
    Jekyll.logger.error "planche:", "some pages were not changed, see above"
  end
end
