# frozen_string_literal: true

# Runs planche before each build, so that `jekyll build` and `jekyll serve` always see its records.
# PLANCHE=/path/to/planche sets the program, PLANCHE=off switches the hook off.
# GitHub Pages' own build runs no plugins: run planche in a step before it.
Jekyll::Hooks.register :site, :after_reset do |site|
  program = ENV.fetch("PLANCHE", "planche")
  next if program == "off"

  folders = [Dir.pwd, site.source]
  root = folders.find { |folder| Dir.glob(File.join(folder, "_config.*")).any? } || site.source
  # Findings go to standard error; articles and uploads with errors stay unchanged.
  case system(program, "build", "--quiet", root)
  when nil
    Jekyll.logger.warn "planche:", "`#{program}` was not found; the images are not updated"
  when false
    Jekyll.logger.error "planche:", "there were errors, see above"
  end
end
