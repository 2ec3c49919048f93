{{/* The chart's name, as a label. */}}
{{- define "breach.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of the objects. 52 characters: the longest suffix, "-dashboard", still fits into the 63 of a label. */}}
{{- define "breach.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "breach.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "breach.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "breach.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "breach.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}

{{/* The labels that never change: a Deployment's selector cannot. Context: {root, component}. */}}
{{- define "breach.selectorLabels" -}}
app.kubernetes.io/name: {{ include "breach.name" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* All labels of an object. Context: {root, component}. */}}
{{- define "breach.labels" -}}
{{ include "breach.selectorLabels" . }}
app.kubernetes.io/part-of: breach-service
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "breach.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{/* The component that answers HTTP: web, or serve where one pod does everything. */}}
{{- define "breach.httpComponent" -}}
{{- ternary "serve" "web" (eq .Values.database "sqlite") -}}
{{- end -}}

{{- define "breach.webReplicas" -}}
{{- .Values.web.replicas | default (ternary 1 2 (eq .Values.database "sqlite")) -}}
{{- end -}}

{{- define "breach.publicUrl" -}}
{{- if .Values.settings.publicUrl -}}
{{- .Values.settings.publicUrl -}}
{{- else if .Values.ingress.enabled -}}
{{- printf "%s://%s" (ternary "https" "http" (not (empty .Values.ingress.tlsSecretName))) .Values.ingress.host -}}
{{- end -}}
{{- end -}}

{{/* Which secret settings there are: a map from the setting's name to the key of the Secret, as JSON. */}}
{{- define "breach.secretSettings" -}}
{{- $found := dict -}}
{{- with .Values.secrets -}}
{{- if .existingSecret -}}
{{- if and .keys.databaseUrl (eq $.Values.database "postgres") }}{{ $_ := set $found "BREACH_DATABASE_URL" .keys.databaseUrl }}{{ end -}}
{{- if .keys.secretKey }}{{ $_ := set $found "BREACH_SECRET_KEY" .keys.secretKey }}{{ end -}}
{{- if .keys.metricsToken }}{{ $_ := set $found "BREACH_METRICS_TOKEN" .keys.metricsToken }}{{ end -}}
{{- if .keys.slackToken }}{{ $_ := set $found "BREACH_SLACK_TOKEN" .keys.slackToken }}{{ end -}}
{{- if .keys.smtpPassword }}{{ $_ := set $found "BREACH_SMTP_PASSWORD" .keys.smtpPassword }}{{ end -}}
{{- if .keys.slackSigningSecret }}{{ $_ := set $found "BREACH_SLACK_SIGNING_SECRET" .keys.slackSigningSecret }}{{ end -}}
{{- if .keys.oidcClientSecret }}{{ $_ := set $found "BREACH_OIDC_CLIENT_SECRET" .keys.oidcClientSecret }}{{ end -}}
{{- if .keys.pagerAlertmanagerToken }}{{ $_ := set $found "BREACH_PAGER_ALERTMANAGER_TOKEN" .keys.pagerAlertmanagerToken }}{{ end -}}
{{- if .keys.pagerPagerdutyKey }}{{ $_ := set $found "BREACH_PAGER_PAGERDUTY_KEY" .keys.pagerPagerdutyKey }}{{ end -}}
{{- if .keys.pagerGoalertToken }}{{ $_ := set $found "BREACH_PAGER_GOALERT_TOKEN" .keys.pagerGoalertToken }}{{ end -}}
{{- if .keys.pagerIlertKey }}{{ $_ := set $found "BREACH_PAGER_ILERT_KEY" .keys.pagerIlertKey }}{{ end -}}
{{- if .keys.heartbeatUrl }}{{ $_ := set $found "BREACH_HEARTBEAT_URL" .keys.heartbeatUrl }}{{ end -}}
{{- if .keys.mailboxPassword }}{{ $_ := set $found "BREACH_MAILBOX_PASSWORD" .keys.mailboxPassword }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toJson $found -}}
{{- end -}}
