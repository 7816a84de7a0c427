{% for x in y %}
{{ name }}
{% endfor %}
